import { type Binning, CalibrationBins } from "../calibration/bins.ts";
import { calibrationError } from "../calibration/calibration-error.ts";
import { topOutcomes } from "../calibration/outcomes.ts";
import { binaryProbabilities } from "../calibration/probabilities.ts";
import { bootstrap, type Estimate, reflectedInterval } from "../statistics/index.ts";
import type { SuiteOptions } from "../suite/suite.ts";
import { GroupCounts } from "./group-counts.ts";
import type { BinaryQuestion } from "./mitigation.ts";
import { groupRates, parity } from "./parity.ts";

/** What decisions, randomised or not, come to. */
export interface VariantMeasures {
  /** Expected accuracy. */
  readonly accuracy: Estimate;
  readonly demographicParityDifference: Estimate;
  readonly equalizedOddsDifference: Estimate;
  /** Calibration error of the chance of deciding yes, taken as its probability. */
  readonly ece: Estimate;
}

const gaps = ["demographicParityDifference", "equalizedOddsDifference", "ece"] as const;

/**
 * Measures several ways to decide on the same rows, with intervals from the same drawings of rows within groups.
 *
 * @param variants [variants][rows] chances of deciding yes
 */
export function measureVariants(
  { labels, groups }: Pick<BinaryQuestion, "labels" | "groups">,
  variants: readonly Float64Array[],
  binning: Binning,
  options: SuiteOptions,
): VariantMeasures[] {
  const prepared = variants.map((decisions) => ({
    decisions,
    outcomes: topOutcomes(binaryProbabilities(decisions), labels),
  }));
  const statistics = (weights: Int32Array) => {
    const values: Record<string, number> = {};
    for (const [i, { decisions, outcomes }] of prepared.entries()) {
      const rates = groupRates(new GroupCounts(groups.names).add({ decisions, labels, groups }, weights));
      const { demographicParityDifference, equalizedOddsDifference } = parity(rates);
      values[`${i}/accuracy`] = rates.reduce((sum, { accuracy, cases }) => sum + accuracy * cases, 0) / labels.length;
      values[`${i}/demographicParityDifference`] = demographicParityDifference;
      values[`${i}/equalizedOddsDifference`] = equalizedOddsDifference;
      values[`${i}/ece`] = calibrationError(new CalibrationBins(binning).add(outcomes, weights));
    }
    return values;
  };
  const found = bootstrap<string>(labels.length, statistics, { ...options, strata: groups.of });
  return variants.map((_, i) => {
    const [parityGap, oddsGap, ece] = gaps.map((name) => reflectedInterval(found[`${i}/${name}`]!));
    return {
      accuracy: found[`${i}/accuracy`]!,
      demographicParityDifference: parityGap!,
      equalizedOddsDifference: oddsGap!,
      ece: ece!,
    };
  });
}
