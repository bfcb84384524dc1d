import { type Binning, CalibrationBins, equalWidth } from "../calibration/bins.ts";
import { calibrationErrorEstimate } from "../calibration/error-limits.ts";
import { topOutcomes } from "../calibration/outcomes.ts";
import { classScores } from "../calibration/probabilities.ts";
import type { RowVectors } from "../calibration/row-vectors.ts";
import { GroupCounts } from "./group-counts.ts";
import type { Groups } from "./groups.ts";
import { difference } from "./parity.ts";
import { parityIntervals } from "./parity-intervals.ts";
import { reduceToBinary } from "./reduce-to-binary.ts";
import type { TradeOffPoint } from "./trade-off.ts";
import { expectedAccuracy } from "./variants.ts";

/** How {@link classTradeOff} goes along the curve. */
export interface ClassTradeOffOptions {
  /** Weight of staying random; 0.05 by default, nearly hard decisions. */
  readonly gamma?: number;
  readonly binning?: Binning;
}

/**
 * The trade-off between parity and accuracy where there are several classes: probabilities are debiased to each level by R2B
 * ({@link reduceToBinary}) and decisions drawn from them. R2B sees no labels and is fitted to the rows themselves. Parity is that of the class
 * whose rate differs most between groups.
 */
export function classTradeOff(
  probabilities: RowVectors,
  labels: ArrayLike<number>,
  groups: Groups,
  levels: readonly number[],
  { gamma = 0.05, binning = equalWidth(15) }: ClassTradeOffOptions = {},
): TradeOffPoint[] {
  return levels.map((level) => {
    const chances = reduceToBinary(probabilities, groups, { gamma, level }).probabilities;
    const { width, data } = chances;
    const counts = Array.from({ length: width }, (_, index) => {
      const isLabel = Uint8Array.from(labels, (label) => (label === index ? 1 : 0));
      return new GroupCounts(groups.names).add({ decisions: classScores(chances, index), labels: isLabel, groups });
    });
    return {
      level,
      parity: parityIntervals(counts).demographicParityDifference,
      accuracy: expectedAccuracy(Float64Array.from(labels, (label, row) => data[row * width + label]!)),
      ece: calibrationErrorEstimate(new CalibrationBins(binning).add(topOutcomes(chances, labels))),
    };
  });
}

/** The largest difference, over classes, between groups' mean chances of the class. */
export function largestGap({ width, data }: RowVectors, { names, of }: Groups): number {
  const sums = new Float64Array(names.length * width);
  const cases = new Float64Array(names.length);
  for (let row = 0, start = 0; row < of.length; row++, start += width) {
    const group = of[row]!;
    cases[group]!++;
    for (let index = 0; index < width; index++) sums[group * width + index]! += data[start + index]!;
  }
  let largest = 0;
  for (let index = 0; index < width; index++) {
    largest = Math.max(largest, difference(names.map((_, group) => sums[group * width + index]! / cases[group]!)));
  }
  return largest;
}
