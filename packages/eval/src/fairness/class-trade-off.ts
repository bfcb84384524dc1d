import { type Binning, CalibrationBins, equalWidth } from "../calibration/bins.ts";
import { calibrationError } from "../calibration/calibration-error.ts";
import { topOutcomes } from "../calibration/outcomes.ts";
import { type RowVectors, rowCount } from "../calibration/row-vectors.ts";
import { bootstrap, reflectedInterval } from "../statistics/index.ts";
import type { SuiteOptions } from "../suite/suite.ts";
import type { Groups } from "./groups.ts";
import { difference } from "./parity.ts";
import { reduceToBinary } from "./reduce-to-binary.ts";
import type { TradeOffPoint } from "./trade-off.ts";

/** How {@link classTradeOff} goes along the curve. */
export interface ClassTradeOffOptions extends SuiteOptions {
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
  { gamma = 0.05, binning = equalWidth(15), ...options }: ClassTradeOffOptions = {},
): TradeOffPoint[] {
  const variants = levels.map((level) => {
    const chances = reduceToBinary(probabilities, groups, { gamma, level }).probabilities;
    return { chances, outcomes: topOutcomes(chances, labels) };
  });
  const statistics = (weights: Int32Array) => {
    const values: Record<string, number> = {};
    for (const [i, { chances, outcomes }] of variants.entries()) {
      values[`${i}/parity`] = largestGap(chances, groups, weights);
      values[`${i}/accuracy`] = expectedAccuracy(chances, labels, weights);
      values[`${i}/ece`] = calibrationError(new CalibrationBins(binning).add(outcomes, weights));
    }
    return values;
  };
  const found = bootstrap<string>(rowCount(probabilities), statistics, { ...options, strata: groups.of });
  return levels.map((level, i) => ({
    level,
    parity: reflectedInterval(found[`${i}/parity`]!),
    accuracy: found[`${i}/accuracy`]!,
    ece: reflectedInterval(found[`${i}/ece`]!),
  }));
}

/** The largest difference, over classes, between groups' mean chances of the class. */
export function largestGap({ width, data }: RowVectors, { names, of }: Groups, weights?: Int32Array): number {
  const sums = new Float64Array(names.length * width);
  const cases = new Float64Array(names.length);
  for (let row = 0, start = 0; row < of.length; row++, start += width) {
    const weight = weights === undefined ? 1 : weights[row]!;
    if (weight === 0) continue;
    const group = of[row]!;
    cases[group]! += weight;
    for (let index = 0; index < width; index++) sums[group * width + index]! += weight * data[start + index]!;
  }
  let largest = 0;
  for (let index = 0; index < width; index++) {
    largest = Math.max(largest, difference(names.map((_, group) => sums[group * width + index]! / cases[group]!)));
  }
  return largest;
}

function expectedAccuracy({ width, data }: RowVectors, labels: ArrayLike<number>, weights: Int32Array): number {
  let sum = 0;
  for (let row = 0; row < labels.length; row++) sum += weights[row]! * data[row * width + labels[row]!]!;
  return sum / labels.length;
}
