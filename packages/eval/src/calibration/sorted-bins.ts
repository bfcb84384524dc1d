import { CalibrationBins, equalMassOfSorted } from "./bins.ts";
import { type CalibrationNorm, calibrationError } from "./calibration-error.ts";
import { ascendingOrder } from "./order.ts";
import type { Outcomes } from "./outcomes.ts";

/**
 * Calibration error over runs of `size` predictions sorted by confidence, the last run taking the rest: the RMS calibration error of
 * Hendrycks et al. 2019, used for ImageNet-A, with bins of 100 and norm l2. Equal confidences are in the order of rows.
 *
 * @param skipsLastBin true for the numbers of the published code (`calibration_tools.py`), whose loop ends one run early: the most
 *   confident predictions do not count there
 */
export function sortedCalibrationError(
  { confidence, correct }: Outcomes,
  { size = 100, norm = "l2", skipsLastBin = false }: SortedBinsOptions = {},
): number {
  if (!Number.isInteger(size) || size < 1) throw new RangeError(`bins of ${size} predictions; give a positive integer`);
  const order = ascendingOrder(confidence);
  const { length } = order;
  const bins = Math.max(1, Math.floor(length / size));
  let error = 0;
  for (let bin = 0; bin < bins - (skipsLastBin ? 1 : 0); bin++) {
    const end = bin === bins - 1 ? length : (bin + 1) * size;
    let difference = 0;
    for (let i = bin * size; i < end; i++) difference += confidence[order[i]!]! - correct[order[i]!]!;
    const count = end - bin * size;
    const distance = Math.abs(difference) / count;
    if (norm === "max") error = Math.max(error, distance);
    else error += (count / length) * (norm === "l2" ? distance ** 2 : distance);
  }
  return norm === "l2" ? Math.sqrt(error) : error;
}

const mostBins = 1000;

/** How {@link sortedCalibrationError} counts. */
export interface SortedBinsOptions {
  /** Predictions in a bin; 100 by default. */
  readonly size?: number;
  readonly norm?: CalibrationNorm["norm"];
  readonly skipsLastBin?: boolean;
}

/**
 * ECE-sweep (Roelofs et al. 2022): bins of equal mass, as many as possible while accuracy still rises from bin to bin. Too few bins hide
 * errors, too many count noise as error; monotony says where the noise begins. Where it never does, as with all predictions right, 1000 bins
 * are as good as more.
 *
 * @returns the error, and the number of bins that it was measured with
 */
export function sweptCalibrationError(
  outcomes: Outcomes,
  norm: CalibrationNorm = {},
): { readonly error: number; readonly bins: number } {
  const sorted = outcomes.confidence.slice().sort();
  let best = new CalibrationBins(equalMassOfSorted(sorted, 1)).add(outcomes);
  let bins = 1;
  for (; bins < Math.min(sorted.length, mostBins); bins++) {
    const finer = new CalibrationBins(equalMassOfSorted(sorted, bins + 1)).add(outcomes);
    if (!accuracyRises(finer)) break;
    best = finer;
  }
  return { error: calibrationError(best, norm), bins };
}

function accuracyRises({ counts, corrects }: CalibrationBins): boolean {
  let before = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    if (counts[bin] === 0) continue;
    const accuracy = corrects[bin]! / counts[bin]!;
    if (accuracy < before) return false;
    before = accuracy;
  }
  return true;
}
