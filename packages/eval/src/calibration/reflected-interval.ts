import type { Estimate } from "../statistics/index.ts";

/**
 * The interval of a distance that cannot be negative, such as a calibration error or the gap between groups.
 *
 * Noise makes such a measure larger, and drawing rows again adds as much noise once more: replicates lie above the value as the value lies
 * above the truth. The basic bootstrap (Davison & Hinkley 1997, 5.2) takes this into account by reflecting the percentiles at the value:
 * [2v - high, 2v - low], here not below 0, and with the value inside.
 */
export function reflectedInterval({ value, low, high, count }: Estimate): Estimate {
  return { value, low: Math.min(value, Math.max(0, 2 * value - high)), high: Math.max(value, 2 * value - low), count };
}
