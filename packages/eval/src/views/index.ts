export { AnswerCounts } from "./answer-counts.ts";
export { classNames, classTexts } from "./class-names.ts";
export { type AnsweredRows, confusionView } from "./confusion.ts";
export { observe } from "./observe.ts";
export type {
  ConditionsView,
  ConfusionView,
  HeatView,
  ImagesView,
  ReliabilityView,
  ResultView,
  ShapeBiasView,
  SubgroupsView,
  TradeOffView,
  ViewHead,
  ViewImage,
  ViewObserver,
} from "./view.ts";
