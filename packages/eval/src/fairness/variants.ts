import { type Binning, CalibrationBins } from "../calibration/bins.ts";
import { calibrationErrorEstimate } from "../calibration/error-limits.ts";
import { topOutcomes } from "../calibration/outcomes.ts";
import { binaryProbabilities } from "../calibration/probabilities.ts";
import { type Estimate, normalQuantileOf, oneSidedError, shareLimits } from "../statistics/index.ts";
import { GroupCounts } from "./group-counts.ts";
import { shareOf } from "./group-shares.ts";
import type { BinaryQuestion } from "./mitigation.ts";
import { parityIntervals } from "./parity-intervals.ts";

/** What decisions, randomised or not, come to. */
export interface VariantMeasures {
  /** Expected accuracy. */
  readonly accuracy: Estimate;
  readonly demographicParityDifference: Estimate;
  readonly equalizedOddsDifference: Estimate;
  /** Calibration error of the chance of deciding yes, taken as its probability. */
  readonly ece: Estimate;
}

/**
 * Measures several ways to decide on the same rows.
 *
 * @param variants [variants][rows] chances of deciding yes
 */
export function measureVariants(
  { labels, groups }: Pick<BinaryQuestion, "labels" | "groups">,
  variants: readonly Float64Array[],
  binning: Binning,
): VariantMeasures[] {
  return variants.map((decisions) => {
    const counts = new GroupCounts(groups.names).add({ decisions, labels, groups });
    const { demographicParityDifference, equalizedOddsDifference } = parityIntervals([counts]);
    const outcomes = topOutcomes(binaryProbabilities(decisions), labels);
    return {
      accuracy: expectedAccuracy(decisions.map((chance, row) => (labels[row] === 1 ? chance : 1 - chance))),
      demographicParityDifference,
      equalizedOddsDifference,
      ece: calibrationErrorEstimate(new CalibrationBins(binning).add(outcomes)),
    };
  });
}

/** The mean of chances of being right, [rows], with its interval. */
export function expectedAccuracy(chances: Float64Array): Estimate {
  let [sum, squares] = [0, 0];
  for (const chance of chances) {
    sum += chance;
    squares += chance * chance;
  }
  const { value, cases } = shareOf(chances.length, sum, squares);
  const { low, high } = shareLimits(value, cases, normalQuantileOf(1 - oneSidedError));
  return { value: sum / chances.length, low, high, count: chances.length };
}
