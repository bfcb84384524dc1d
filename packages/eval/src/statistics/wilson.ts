import type { Estimate } from "./estimate.ts";
import { normalQuantile as z } from "./mean.ts";

/** Wilson's score interval of a share of successes (Wilson 1927): right also near 0 and 1, where the normal one is not. */
export function wilsonInterval(successes: number, trials: number): Estimate {
  if (trials === 0) return { value: Number.NaN, low: 0, high: 1, count: 0 };
  const value = successes / trials;
  const centre = (value + (z * z) / (2 * trials)) / (1 + (z * z) / trials);
  const half =
    (z / (1 + (z * z) / trials)) * Math.sqrt((value * (1 - value)) / trials + (z * z) / (4 * trials * trials));
  // Where none or all are successes an end is exactly there, but for rounding.
  const low = value === 0 ? 0 : Math.max(0, centre - half);
  const high = value === 1 ? 1 : Math.min(1, centre + half);
  return { value, low, high, count: trials };
}
