import { CalibrationBins, type Edges, equalMassOfSorted } from "./bins.ts";
import { type CalibrationNorm, calibrationError } from "./calibration-error.ts";
import { type Sorted, sortCarrying } from "./order.ts";
import type { Outcomes } from "./outcomes.ts";
import type { Floats } from "./row-vectors.ts";

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
  const { values, carried } = sortCarrying(outcomes.confidence, new Uint32Array(outcomes.correct));
  const sorted = { values, carried: runningSums(carried) };
  const mass = (bins: number) => equalMassOfSorted(values, bins);
  let bins = 1;
  while (bins < Math.min(values.length, mostBins) && accuracyRises(sorted, mass(bins + 1))) bins++;
  return { error: calibrationError(new CalibrationBins(mass(bins)).add(outcomes), norm), bins };
}

/** The sum of all numbers up to each. */
function runningSums(numbers: Uint32Array): Uint32Array {
  let sum = 0;
  return numbers.map((number) => {
    sum += number;
    return sum;
  });
}

/**
 * Whether accuracy rises, or stays, from bin to bin; empty bins have none.
 *
 * @param sorted confidences in ascending order, each with the number of right predictions up to it
 */
function accuracyRises({ values, carried: rights }: Sorted, { starts }: Edges): boolean {
  let [begin, rightBefore, accuracyBefore] = [0, 0, 0];
  for (let bin = 1; bin <= starts.length; bin++) {
    const start = starts[bin] ?? Number.POSITIVE_INFINITY;
    const end = firstAtOrAbove(values, start, begin);
    if (end === begin) continue;
    const right = rights[end - 1]!;
    const accuracy = (right - rightBefore) / (end - begin);
    if (accuracy < accuracyBefore) return false;
    [begin, rightBefore, accuracyBefore] = [end, right, accuracy];
  }
  return true;
}

/** Binary search in ascending values, from a place on. */
function firstAtOrAbove(values: Floats, value: number, from: number): number {
  let [low, high] = [from, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
