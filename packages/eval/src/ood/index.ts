export { type AcceptedClasses, acceptedAccuracy, acceptLabels, acceptLists } from "./accepted.ts";
export {
  alexNetErrors,
  type BenchmarkCorruption,
  benchmarkCorruptions,
  type CorruptionErrors,
  type CorruptionScore,
  corruptionError,
} from "./corruption-error.ts";
export { type OodDataset, oodDataset, oodDatasets, oodPreprocess } from "./datasets.ts";
export { type Decisions, decide, restrictDecisions } from "./decisions.ts";
export { type OodFiles, oodSuiteFromFiles, readLabelMap } from "./from-files.ts";
export {
  composeLabelMaps,
  identityMap,
  type LabelMap,
  labelMap,
  labelMapByName,
  mapDatasetClasses,
  parseLabelMap,
} from "./label-map.ts";
export { mapPredictions } from "./map-predictions.ts";
export { mappedSuite } from "./mapped-suite.ts";
export { imagenetA } from "./maps/imagenet-a.ts";
export { imagenetClassNames } from "./maps/imagenet-names.ts";
export { imagenetR } from "./maps/imagenet-r.ts";
export { objectNet } from "./maps/object-net.ts";
export { parseRealLabels } from "./real-labels.ts";
export { type OodSuiteOptions, oodSuite } from "./suite.ts";
export { trimBorder } from "./trim-border.ts";
