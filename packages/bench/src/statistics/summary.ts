import { mean, standardDeviation as sampleDeviation } from "@vitscale/eval";

export { mean };

/** What is reported of repeated measurements: the middle one, and between which values the middle half of them lies. */
export interface Summary {
  readonly count: number;
  readonly median: number;
  /** First and third quartile. */
  readonly lower: number;
  readonly upper: number;
  readonly min: number;
  readonly max: number;
}

/**
 * The value below which a share of the values lies, interpolated linearly between the two nearest (Hyndman & Fan 1996, type 7: the
 * default of NumPy and R).
 *
 * @param share 0 … 1
 * @throws RangeError when there are no values
 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError("no values were given; a quantile needs at least one measurement");
  const sorted = [...values].sort((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below]!;
  const fraction = position - below;
  // Nothing is added of a next value that may be infinite, or not there.
  return fraction === 0 ? low : low + fraction * (sorted[below + 1]! - low);
}

/** The middle value; the mean of the two middle ones where their number is even. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Median, quartiles and extremes. @throws RangeError when there are no values. */
export function summarize(values: readonly number[]): Summary {
  return {
    count: values.length,
    median: median(values),
    lower: quantile(values, 0.25),
    upper: quantile(values, 0.75),
    min: quantile(values, 0),
    max: quantile(values, 1),
  };
}

/** Standard deviation of a sample, with n − 1 in the denominator; 0 for fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  return values.length < 2 ? 0 : sampleDeviation(values);
}
