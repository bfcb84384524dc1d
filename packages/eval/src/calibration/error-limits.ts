import type { Estimate } from "../statistics/estimate.ts";
import { normalQuantile } from "../statistics/mean.ts";
import { normalShare } from "../statistics/normal.ts";
import type { Limits } from "../statistics/spread.ts";
import type { CalibrationBins } from "./bins.ts";
import { calibrationError } from "./calibration-error.ts";

/**
 * The expected calibration error of counted predictions, with an interval that reaches as far out as `z` standard deviations do in a normal
 * distribution. It needs the counts alone.
 *
 * In each bin the number of right predictions scatters binomially, and the distance |right - confident| with it: its mean and variance are
 * those of a folded normal. As noise makes the error larger, the interval is reflected at the value (as {@link reflectedInterval}); and it
 * reaches down to 0 where a calibrated model would measure as much by chance.
 */
export function calibrationErrorLimits(bins: CalibrationBins, z: number): Limits {
  const { total } = bins;
  const value = calibrationError(bins);
  let [again, variance, calibrated, calibratedVariance, squares] = [0, 0, 0, 0, 0];
  for (let bin = 0; bin < bins.counts.length; bin++) {
    const count = bins.counts[bin]!;
    if (count === 0) continue;
    const distance = bins.corrects[bin]! - bins.confidences[bin]!;
    // Half a case of either kind more: few cases that are all right do not prove that all others are.
    const drawn = folded(distance, count, (bins.corrects[bin]! + 0.5) / (count + 1));
    const chance = folded(0, count, bins.confidences[bin]! / count);
    again += drawn.mean / total;
    variance += drawn.variance / total ** 2;
    calibrated += chance.mean / total;
    calibratedVariance += chance.variance / total ** 2;
    squares += distance ** 2 / count / total;
  }
  // How many predictions fall into each bin scatters too.
  const reach = z * Math.sqrt(variance + Math.max(0, squares - value ** 2) / total);
  const byChance = calibrated + z * Math.sqrt(calibratedVariance);
  const isByChance = value <= byChance;
  return {
    value,
    centre: isByChance ? 0 : Math.max(0, 2 * value - again),
    low: isByChance ? 0 : Math.max(0, 2 * value - again - reach),
    high: Math.min(1, Math.max(value, again + reach, 2 * value - again + reach)),
  };
}

/** {@link calibrationErrorLimits} at 95 %. */
export function calibrationErrorEstimate(bins: CalibrationBins): Estimate {
  const { value, low, high } = calibrationErrorLimits(bins, normalQuantile);
  return { value, low, high, count: bins.total };
}

/** Mean and variance of |d + noise|, the noise being that of `count` coins. */
function folded(distance: number, count: number, share: number) {
  const deviation = Math.sqrt(count * Math.max(0, share * (1 - share)));
  if (deviation === 0) return { mean: Math.abs(distance), variance: 0 };
  const ratio = distance / deviation;
  const mean =
    deviation * Math.sqrt(2 / Math.PI) * Math.exp((-ratio * ratio) / 2) + distance * (1 - 2 * normalShare(-ratio));
  return { mean, variance: Math.max(0, distance ** 2 + deviation ** 2 - mean ** 2) };
}
