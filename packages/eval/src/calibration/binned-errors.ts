import { type Estimate, withoutInterval } from "../statistics/estimate.ts";
import type { CalibrationBins } from "./bins.ts";
import { calibrationError } from "./calibration-error.ts";
import { calibrationErrorEstimate } from "./error-limits.ts";
import { rmsErrorEstimate } from "./rms-limits.ts";

/**
 * The calibration errors of counted predictions, as the suite reports them: intervals follow from the counts. The largest error of all bins has
 * none: it is mostly the luck of the bin with the fewest predictions, and where the largest true one lies counts hardly tell.
 *
 * @param byWidth counts in bins of equal width, and of equal numbers of predictions
 */
export function binnedErrors(byWidth: CalibrationBins, byMass: CalibrationBins) {
  return {
    ece: calibrationErrorEstimate(byWidth),
    "ece-mass": calibrationErrorEstimate(byMass),
    "rms-mass": rmsErrorEstimate(byMass),
    "rms-debiased": rmsErrorEstimate(byMass, true),
    "max-error": withoutInterval(calibrationError(byWidth, { norm: "max" }), byWidth.total),
  } satisfies Record<string, Estimate>;
}
