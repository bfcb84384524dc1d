import { random } from "@vitscale/core";
import type { Estimate } from "./estimate.ts";
import { meanEstimate } from "./mean.ts";

/** Random groups that rows are dealt to. */
export const dealtGroups = 64;

/**
 * The random group of every row, [rows]: of rows too many to be drawn again a thousand times, groups tell how a statistic scatters (random
 * groups; Wolter, Introduction to Variance Estimation, 2007, chapter 2).
 *
 * @param stream a number for each of several parts of a table
 */
export function dealRows(rows: number, { seed = 0, stream = 0 }: { seed?: number; stream?: number } = {}): Uint8Array {
  return Uint8Array.from(random.threefryBits(seed | 0, stream, rows), (word) => (word >>> 0) % dealtGroups);
}

/** A statistic of all rows, with the interval of 95 % of the mean of what it is in each group of them. */
export function estimateAround(value: number, ofGroups: ArrayLike<number>, count: number): Estimate {
  const { value: mean, low, high } = meanEstimate(ofGroups);
  return { value, low: value - (mean - low), high: value + (high - mean), count };
}
