import { mean, standardDeviation, summarize } from "../statistics/summary.ts";

/** A number with so many significant digits; with an exponent where there would be a long row of zeros. */
export function digits(value: number, significant = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "n/a" : value > 0 ? "infinite" : "-infinite";
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6)) return value.toExponential(significant - 1);
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  // Rounding may add a digit before the point (9.999 → 10.0), which toPrecision takes into account.
  const rounded = Number(value.toPrecision(significant));
  return rounded.toFixed(Math.max(0, significant - 1 - magnitude));
}

/** Median and quartiles: `812 ms (805 … 840)`. */
export function spread(values: readonly number[], unit = "", significant = 3): string {
  const { median, lower, upper } = summarize(values);
  return `${digits(median, significant)}${unit && ` ${unit}`} (${digits(lower, significant)} … ${digits(upper, significant)})`;
}

/** A ratio of times as a gain: `+12.3 % (10.1 … 14.0 %)`. */
export function gain(ratios: readonly number[]): string {
  const { median, lower, upper } = summarize(ratios);
  const percent = (ratio: number) => `${ratio >= 1 ? "+" : ""}${(100 * (ratio - 1)).toFixed(1)}`;
  return `${percent(median)} % (${percent(lower)} … ${percent(upper)} %)`;
}

/** Mean and standard deviation over seeds: `1.234 ± 0.021`. */
export function overSeeds(values: readonly number[], significant = 4): string {
  return `${digits(mean(values), significant)} ± ${digits(standardDeviation(values), 2)}`;
}

/** Bytes as GB (10⁹) or MB. */
export function bytes(count: number): string {
  return count >= 1e9 ? `${digits(count / 1e9)} GB` : `${digits(count / 1e6)} MB`;
}
