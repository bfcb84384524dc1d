export { type ClassTradeOffOptions, classTradeOff } from "./class-trade-off.ts";
export { type EqualizedOdds, equalizedChances, fitEqualizedOdds, type RatePoint } from "./equalized-odds.ts";
export {
  type EqualizedThresholds,
  equalizedThresholdChances,
  fitEqualizedThresholds,
  type GroupThresholds,
} from "./equalized-thresholds.ts";
export { type BinaryDecisions, GroupCounts } from "./group-counts.ts";
export { type Groups, groupsOf } from "./groups.ts";
export {
  type BinaryQuestion,
  crossMitigated,
  type DebiasingMethod,
  type DebiasingOptions,
  equalMeans,
  equalOdds,
  equalOddsByThresholds,
  equalRates,
  type Mitigation,
} from "./mitigation.ts";
export { type GroupRates, groupRates, missingCases, type Parity, parity } from "./parity.ts";
export { accuracyIntervals, type ParityIntervals, parityIntervals } from "./parity-intervals.ts";
export {
  decisionChances,
  drawDecisions,
  fitRandomizedThreshold,
  type RandomizedThreshold,
  signedScores,
  type ThresholdOptions,
} from "./randomized-threshold.ts";
export { type ReducedProbabilities, type ReduceOptions, reduceToBinary } from "./reduce-to-binary.ts";
export { DualDescent, fitStochastically, type StochasticOptions } from "./stochastic-threshold.ts";
export { type FairnessSuiteOptions, fairnessSuite } from "./suite.ts";
export {
  parityLevels,
  parityTradeOff,
  type TradeOffOptions,
  type TradeOffPoint,
  tradeOffPlot,
  tradeOffView,
} from "./trade-off.ts";
