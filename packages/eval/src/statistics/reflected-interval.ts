import type { Estimate } from "./estimate.ts";

/**
 * The interval of a distance that cannot be negative, such as a calibration error or the gap between groups, from that between percentiles.
 *
 * Noise makes such a measure larger, and drawing rows again adds as much noise once more: replicates lie above the value as the value lies
 * above the truth. The lower end is therefore that of the basic bootstrap (Davison & Hinkley 1997, 5.2), which reflects the upper percentile
 * at the value: 2v - high, here not below 0. The upper end is the larger of both: next to 0 there is no room to reflect, and a value that
 * happens to be tiny would seem sure to be.
 *
 * @param most what the distance can be at most; infinity by default
 */
export function reflectedInterval(
  { value, low, high, count }: Estimate,
  most: number = Number.POSITIVE_INFINITY,
): Estimate {
  const [least, largest] = [Math.max(0, 2 * value - high), Math.max(high, 2 * value - low)];
  return { value, low: Math.min(value, least), high: Math.min(most, largest), count };
}
