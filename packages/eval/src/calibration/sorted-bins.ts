import { checkConfidence } from "./bins.ts";
import type { CalibrationNorm } from "./calibration-error.ts";
import { sortCarrying } from "./order.ts";
import type { Outcomes } from "./outcomes.ts";
import { checkOneEach } from "./row-vectors.ts";

/**
 * Calibration error over runs of `size` predictions sorted by confidence, the last run taking the rest: the RMS calibration error of
 * Hendrycks et al. 2019, used for ImageNet-A, with bins of 100 and norm l2. Equal confidences are in the order of rows.
 *
 * @param skipsLastBin true for the numbers of the published code (`calibration_tools.py`), whose loop ends one run early: the most
 *   confident predictions do not count there
 * @throws RangeError naming the first row whose confidence is no number from 0 to 1 (within 0.001), and where outcomes are not as many
 */
export function sortedCalibrationError(
  { confidence, correct }: Outcomes,
  { size = 100, norm = "l2", skipsLastBin = false }: SortedBinsOptions = {},
): number {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`bins of ${size} predictions; give a positive integer`);
  checkOneEach({ confidences: confidence.length, outcomes: correct.length });
  for (let row = 0; row < confidence.length; row++) checkConfidence(confidence[row]!, row);
  const { values, carried } = sortCarrying(confidence, new Uint32Array(correct));
  const { length } = values;
  const bins = Math.max(1, Math.floor(length / size));
  let error = 0;
  for (let bin = 0; bin < bins - (skipsLastBin ? 1 : 0); bin++) {
    const end = bin === bins - 1 ? length : (bin + 1) * size;
    let difference = 0;
    for (let i = bin * size; i < end; i++) difference += values[i]! - carried[i]!;
    const count = end - bin * size;
    const distance = Math.abs(difference) / count;
    if (norm === "max") error = Math.max(error, distance);
    else error += (count / length) * (norm === "l2" ? distance ** 2 : distance);
  }
  return norm === "l2" ? Math.sqrt(error) : error;
}

/** How {@link sortedCalibrationError} counts. */
export interface SortedBinsOptions {
  /** Predictions in a bin; 100 by default. */
  readonly size?: number;
  readonly norm?: CalibrationNorm["norm"];
  readonly skipsLastBin?: boolean;
}
