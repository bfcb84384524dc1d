import { random } from "@vitscale/core";
import type { Estimate } from "./estimate.ts";
import { quantile } from "./quantile.ts";

/** How rows are drawn again. */
export interface ResampleOptions {
  /** Samples that are drawn; 1000 by default. */
  readonly replicates?: number;
  /** 0 by default. The same seed gives the same intervals. */
  readonly seed?: number;
  /** A number for each of several tables that are drawn independently of each other with one seed; 0 by default. */
  readonly stream?: number;
  /** [rows] numbers of groups: each keeps its size, because its rows are drawn among themselves. */
  readonly strata?: ArrayLike<number>;
}

/**
 * Samples of rows, drawn with replacement. Each is given as weights: how often every row was drawn, [rows]. The same array is filled
 * anew for every sample.
 */
export function* resamples(rows: number, options: ResampleOptions = {}): Generator<Int32Array, void> {
  const { strata } = options;
  const groups = strata === undefined ? undefined : rowsByGroup(strata);
  const weights = new Int32Array(rows);
  for (const words of randomWords(rows, options)) {
    weights.fill(0);
    if (groups === undefined) for (let i = 0; i < rows; i++) weights[drawn(words[i]!, rows)]!++;
    else drawInGroups(groups, words, weights);
    yield weights;
  }
}

/**
 * So many words of 32 random bits for each sample.
 *
 * @throws RangeError for a number of replicates, or a seed, that is none
 */
export function* randomWords(
  count: number,
  { replicates = 1000, seed = 0, stream = 0 }: Omit<ResampleOptions, "strata"> = {},
): Generator<Int32Array, void> {
  if (!Number.isInteger(replicates) || replicates < 1) {
    throw new RangeError(`${replicates} replicates of a bootstrap; give a positive integer, 1000 for instance`);
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed ${seed} of a bootstrap; give an integer from 0 to 2^53 - 1`);
  }
  const key = [Math.floor(seed / 2 ** 32), seed % 2 ** 32] as const;
  for (let replicate = 0; replicate < replicates; replicate++) {
    yield random.threefryBits(...random.threefry2x32(key, [stream, replicate]), count);
  }
}

function drawInGroups(groups: readonly (readonly number[])[], words: Int32Array, weights: Int32Array): void {
  let next = 0;
  for (const group of groups) {
    for (let i = 0; i < group.length; i++) weights[group[drawn(words[next++]!, group.length)]!]!++;
  }
}

/** An integer in [0, bound) of 32 random bits; for bounds of millions the unevenness is below one in a thousand. */
function drawn(bits: number, bound: number): number {
  return Math.floor(((bits >>> 0) / 2 ** 32) * bound);
}

/**
 * Statistics with intervals of 95 % by the percentile bootstrap (Efron 1979): what they become when the rows are drawn again.
 *
 * @param statistics of rows that count as often as the weights, [rows], say; all ones are the rows as they are
 * @returns an estimate for each; replicates in which a statistic is not defined (NaN) do not enter its interval
 */
export function bootstrap<Name extends string>(
  rows: number,
  statistics: (weights: Int32Array) => Readonly<Record<Name, number>>,
  options: ResampleOptions = {},
): Record<Name, Estimate> {
  const values = statistics(new Int32Array(rows).fill(1));
  const names = Object.keys(values) as Name[];
  const replicates = new Map<Name, number[]>(names.map((name) => [name, []]));
  if (rows > 0) {
    for (const weights of resamples(rows, options)) {
      const replicate = statistics(weights);
      for (const name of names) replicates.get(name)!.push(replicate[name]);
    }
  }
  const estimates = names.map((name) => [name, percentileInterval(values[name], replicates.get(name)!, rows)] as const);
  return Object.fromEntries(estimates) as Record<Name, Estimate>;
}

/** A value with the interval between the 2.5 % and 97.5 % quantiles of its replicates; those that are NaN are left out. */
export function percentileInterval(value: number, replicates: ArrayLike<number>, count: number): Estimate {
  const defined = Float64Array.from(replicates).filter((replicate) => !Number.isNaN(replicate));
  defined.sort();
  return { value, low: quantile(defined, 0.025), high: quantile(defined, 0.975), count };
}

function rowsByGroup(strata: ArrayLike<number>): number[][] {
  const groups = new Map<number, number[]>();
  for (let row = 0; row < strata.length; row++) {
    const group = groups.get(strata[row]!);
    if (group === undefined) groups.set(strata[row]!, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}
