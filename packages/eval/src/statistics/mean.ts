import type { Estimate } from "./estimate.ts";

/** Arithmetic mean; NaN of nothing. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Standard deviation of a sample, with n − 1 in the denominator; NaN for fewer than two values. */
export function standardDeviation(values: ArrayLike<number>): number {
  if (values.length < 2) return Number.NaN;
  const center = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! - center) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

/**
 * The mean of independent values, such as of a metric over seeds, with Student's interval of 95 %: mean ± t·s/√n with the sample's
 * standard deviation s. One value alone has no interval: its ends are NaN.
 *
 * @param limits what a value can be at all, such as 0 to 1 for shares: the interval ends there
 */
export function meanEstimate(
  values: ArrayLike<number>,
  [least, most]: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): Estimate {
  const { length: count } = values;
  const value = mean(values);
  const half = studentQuantile(count - 1) * (standardDeviation(values) / Math.sqrt(count));
  return { value, low: Math.max(least, value - half), high: Math.min(most, value + half), count };
}

/** Two-sided 95 % quantiles of Student's distribution for 1 to 10 degrees of freedom (any table of it). */
const smallQuantiles = [
  12.7062047, 4.3026527, 3.1824463, 2.7764451, 2.5705818, 2.4469119, 2.3646243, 2.3060041, 2.2621572, 2.2281389,
];

/** Two-sided 95 % quantile of the normal distribution. */
export const normalQuantile = 1.959963984540054;

/** Two-sided 95 % quantile of Student's distribution: tabled, then by Fisher's expansion in 1/degrees, right to 4 digits. */
export function studentQuantile(degrees: number): number {
  const tabled = smallQuantiles[degrees - 1];
  if (tabled !== undefined) return tabled;
  const z = normalQuantile;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / degrees + second / degrees ** 2 + third / degrees ** 3;
}
