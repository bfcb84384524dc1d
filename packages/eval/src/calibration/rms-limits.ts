import type { Estimate } from "../statistics/estimate.ts";
import { normalQuantile as z } from "../statistics/mean.ts";
import type { CalibrationBins } from "./bins.ts";
import { calibrationError } from "./calibration-error.ts";

/**
 * The root mean square calibration error of counted predictions, debiased or not, with an interval of 95 % of the true one, which is the same
 * for both. It needs the counts alone.
 *
 * In a bin of share w the squared distance d² is on average v larger than the true one, v being the binomial variance of the bin's accuracy. So
 * the mean square M = Σ w d² lies about θ + Σ w v, θ the true mean square, with variance
 *
 *     Σ 2 w² v² + 4 Σ w² v δ²  ≈  a + 4 c θ        δ the true distances, c the mean of w v
 *
 * and the interval is of those θ at which M is not too far out, as Wilson's is of a share: both ends solve (θ - (M - Σ w v))² = z² (a + 4 c θ).
 * It reaches down to 0 where a calibrated model would measure as much by chance; the sum of squared noise is then close to a scaled χ²
 * (Satterthwaite 1946), whose quantile is that of Wilson & Hilferty 1931.
 */
export function rmsErrorEstimate(bins: CalibrationBins, isDebiased = false): Estimate {
  const { total: count, counts } = bins;
  const value = calibrationError(bins, { norm: "l2", isDebiased });
  if (count === 0) return { value, low: 0, high: 1, count };
  let [square, fourth, noise, twice, cross, chance, chanceTwice] = [0, 0, 0, 0, 0, 0, 0];
  for (let bin = 0; bin < counts.length; bin++) {
    const own = counts[bin]!;
    if (own === 0) continue;
    const [weight, accuracy, confidence] = [own / count, bins.corrects[bin]! / own, bins.confidences[bin]! / own];
    const distance = (accuracy - confidence) ** 2;
    // Half a case of either kind more: few cases that are all right do not prove that all others are.
    const smoothed = (bins.corrects[bin]! + 0.5) / (own + 1);
    const variance = (smoothed * (1 - smoothed)) / own;
    square += weight * distance;
    fourth += weight * distance ** 2;
    noise += weight * (own > 1 ? (accuracy * (1 - accuracy)) / (own - 1) : variance);
    twice += 2 * (weight * variance) ** 2;
    cross += weight ** 2 * variance;
    const calibrated = (weight * Math.max(0, confidence * (1 - confidence))) / own;
    chance += calibrated;
    chanceTwice += calibrated ** 2;
  }
  // How many predictions fall into each bin scatters too.
  const spread = twice + Math.max(0, fourth - square ** 2) / count;
  const centre = square - noise + 2 * z * z * cross;
  const reach = Math.sqrt(Math.max(0, centre ** 2 - (square - noise) ** 2 + z * z * spread));
  const isByChance = square <= scaledSquares(chance, chanceTwice);
  return {
    value,
    low: isByChance ? 0 : Math.min(value, Math.sqrt(Math.max(0, centre - reach))),
    high: Math.min(1, Math.max(value, Math.sqrt(Math.max(0, centre + reach)))),
    count,
  };
}

/** What a sum of squared noise stays below with 97.5 %: noise of variances that sum to `mean`, and their squares to `squares`. */
function scaledSquares(mean: number, squares: number): number {
  if (mean === 0) return 0;
  const part = (2 * squares) / (9 * mean ** 2);
  return mean * (1 - part + z * Math.sqrt(part)) ** 3;
}
