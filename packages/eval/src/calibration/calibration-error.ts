import { type Binning, CalibrationBins, equalMass, equalWidth } from "./bins.ts";
import { classOutcomes, type Outcomes } from "./outcomes.ts";
import { checkLabels, type Floats, type RowVectors, rowCount } from "./row-vectors.ts";

/** How the distances between confidence and accuracy become one number. */
export interface CalibrationNorm {
  /** `l1` their mean over predictions (ECE), `l2` the root of their mean square (RMS), `max` the largest (MCE). `l1` by default. */
  readonly norm?: "l1" | "l2" | "max";
  /**
   * Subtracts from the mean square what the noise of counting adds to it: acc (1 - acc) / (n - 1) in a bin of n (Kumar et al. 2019). For
   * `l2`. The mean square may then be below 0, in which case the error is 0. A bin of one prediction tells nothing and counts as 0.
   */
  readonly isDebiased?: boolean;
}

/** Which bins, and what of them. */
export interface CalibrationErrorOptions extends CalibrationNorm {
  /** 15 by default. */
  readonly bins?: number;
  /** Bins of equal width or of equal numbers of predictions; `width` by default. */
  readonly binning?: "width" | "mass";
}

/**
 * Calibration error of counted predictions: the distance between mean confidence and accuracy in each bin, weighted by the bin's share.
 * NaN when nothing was counted.
 *
 * ECE (Naeini et al. 2015; Guo et al. 2017) = Σ n_b / N · |acc_b - conf_b|.
 *
 * @throws RangeError when another norm than l2 is to be debiased
 */
export function calibrationError(
  bins: CalibrationBins,
  { norm = "l1", isDebiased = false }: CalibrationNorm = {},
): number {
  if (isDebiased && norm !== "l2") {
    throw new RangeError(`a debiased calibration error with norm ${norm}; only l2 has one`);
  }
  let [error, counted] = [0, 0];
  for (let bin = 0; bin < bins.counts.length; bin++) {
    const count = bins.counts[bin]!;
    counted += count;
    if (count === 0 || (isDebiased && count < 2)) continue;
    const accuracy = bins.corrects[bin]! / count;
    const distance = Math.abs(accuracy - bins.confidences[bin]! / count);
    if (norm === "max") error = Math.max(error, distance);
    else if (norm === "l1") error += count * distance;
    else error += count * (distance ** 2 - (isDebiased ? (accuracy * (1 - accuracy)) / (count - 1) : 0));
  }
  if (counted === 0) return Number.NaN;
  if (norm === "max") return error;
  return norm === "l1" ? error / counted : Math.sqrt(Math.max(0, error / counted));
}

/**
 * Calibration error of predictions: ECE with 15 bins of equal width unless the options say otherwise. With the {@link Outcomes} of the
 * most probable classes it is the usual top-label error, with those of one class the error of that class.
 */
export function expectedCalibrationError(outcomes: Outcomes, options: CalibrationErrorOptions = {}): number {
  return calibrationError(new CalibrationBins(binningOf(outcomes.confidence, options)).add(outcomes), options);
}

/** The bins that options ask for. */
export function binningOf(confidence: Floats, { bins = 15, binning = "width" }: CalibrationErrorOptions): Binning {
  return binning === "width" ? equalWidth(bins) : equalMass(confidence, bins);
}

/**
 * Class-wise calibration error: the mean over classes of each class's own error against all others (Nixon et al. 2019: with bins of equal
 * width the static, with equal numbers the adaptive calibration error).
 *
 * @param threshold only predictions above it count, for with many classes almost all are near 0 (there: "thresholded", 0.01). A class
 *   without any has error 0.
 * @throws TableError naming the row whose label is no class
 */
export function classwiseCalibrationError(
  probabilities: RowVectors,
  labels: ArrayLike<number>,
  { threshold, ...options }: CalibrationErrorOptions & { readonly threshold?: number } = {},
): number {
  checkLabels(labels, rowCount(probabilities), probabilities.width);
  let sum = 0;
  for (let index = 0; index < probabilities.width; index++) {
    const all = classOutcomes(probabilities, labels, index);
    const kept = threshold === undefined ? all : above(all, threshold);
    if (kept.confidence.length > 0) sum += expectedCalibrationError(kept, options);
  }
  return sum / probabilities.width;
}

function above({ confidence, correct }: Outcomes, threshold: number): Outcomes {
  return {
    confidence: confidence.filter((value: number) => value > threshold),
    correct: correct.filter((_, row) => confidence[row]! > threshold),
  };
}
