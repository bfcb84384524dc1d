export { type Answers, correctness, isHumanName, noAnswer, type Observer, observersOf } from "./answers.ts";
export { answersFile } from "./answers-file.ts";
export {
  type Benchmark,
  conditionRows,
  type HumanAlignment,
  humanBenchmark,
  humansName,
  type Ranked,
} from "./benchmark.ts";
export { benchmarkResult } from "./benchmark-result.ts";
export { categoryMap, ownCategoriesMap } from "./category-map.ts";
export { type Consistency, consistency, consistencyOf } from "./consistency.ts";
export { decideCategories } from "./decide.ts";
export { type Experiment, experimentOf, experiments, imageIdentity, spellCondition, textureOf } from "./experiments.ts";
export { accuracyCurves, shapeBiasPlot } from "./plots.ts";
export { readAnswers, readAnswersFolder, readAnswerTable } from "./read-answers.ts";
export {
  accuracyByCondition,
  type ByCondition,
  confusionMatrix,
  entropyByCondition,
  errorConsistencyMatrix,
} from "./responses.ts";
export { type CueConflict, type CueCounts, cueConflictOf, type ShapeBias, shapeBias } from "./shape-bias.ts";
export type { ShapeBiases } from "./shape-bias-result.ts";
export { sixteenClasses, sixteenClassMap } from "./sixteen-classes.ts";
export { type HumanSuiteOptions, humanSuite } from "./suite.ts";
