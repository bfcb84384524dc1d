import type { Estimate } from "./estimate.ts";
import { normalQuantileOf } from "./normal.ts";
import { studentizedRange } from "./studentized-range.ts";

/** A group's measure, and the ends of its interval. */
export interface Limits extends Pick<Estimate, "value" | "low" | "high"> {
  /** What is likeliest to be true, where noise moves the value to one side; the value if nothing else is said. */
  readonly centre?: number;
}

/**
 * The measures of some groups, independent of each other, with intervals that reach as far out as `z` standard deviations do in a normal
 * distribution.
 */
export type LimitsAt = (z: number) => readonly Limits[];

/** Chances that the true spread lies below, and above, its interval; 2.5 % each by default. Give parts of it where several are compared. */
export interface SpreadErrors {
  readonly below?: number;
  readonly above?: number;
}

/** What of 95 % is missing on either side. */
export const oneSidedError = 0.025;

/**
 * Largest minus smallest of the measures of groups, with an interval of 95 %; NaN of fewer than two.
 *
 * The measured gap is larger than the true one, the more so the more groups there are, because the largest measure is also the luckiest;
 * drawing rows again repeats that luck, and its intervals miss the truth. Here the true gap is seen as what it is, the largest of all
 * differences between two groups (Tukey 1953). Each difference has an interval by its groups' own ones (MOVER: Zou & Donner 2008; of Wilson
 * intervals Newcombe's 1998):
 *
 *     d - √((a - low_a)² + (high_b - b)²)  to  d + √((high_a - a)² + (b - low_b)²)
 *
 * - The lower end is the largest lower end of all differences at once, by the studentized range (Agresti, Bini, Bertaccini & Ryu 2008).
 * - The upper end is the largest upper end of single differences: the true gap is the difference of one pair, whichever it is, so nothing
 *   is compared more than once.
 */
export function gapInterval(
  limits: LimitsAt,
  { below = oneSidedError, above = oneSidedError }: SpreadErrors = {},
): Limits {
  const single = limits(normalQuantileOf(1 - above));
  if (single.length < 2) return { value: Number.NaN, low: Number.NaN, high: Number.NaN };
  const joint = limits(studentizedRange(single.length, 1 - below) / Math.SQRT2);
  const values = single.map(({ value }) => value);
  const value = largest(values) + largest(values.map((own) => -own));
  const lower = largestOfPairs(joint.map(downwards), joint.map(upwards).map(turned), -1);
  const upper = largestOfPairs(single.map(upwards), single.map(downwards).map(turned), 1);
  return { value, low: Math.min(value, Math.max(0, lower)), high: Math.max(value, upper) };
}

/** The smallest of the measures of groups, with an interval of 95 %: at most what every group can reach, at least what one can fall to. */
export function leastInterval(limits: LimitsAt): Limits {
  const single = limits(normalQuantileOf(1 - oneSidedError));
  if (single.length === 0) return { value: Number.NaN, low: Number.NaN, high: Number.NaN };
  const joint = limits(normalQuantileOf((1 - oneSidedError) ** (1 / single.length)));
  const least = (values: readonly number[]) => -largest(values.map((value) => -value));
  return {
    value: least(single.map(({ value }) => value)),
    low: least(single.map(({ low }) => low)),
    high: least(joint.map(({ high }) => high)),
  };
}

/** The largest of the measures of groups, as {@link leastInterval}. */
export function greatestInterval(limits: LimitsAt): Limits {
  const mirrored: LimitsAt = (z) =>
    limits(z).map(({ value, low, high }) => ({ value: -value, low: -high, high: -low }));
  const { value, low, high } = leastInterval(mirrored);
  return { value: -value, low: -high, high: -low };
}

/** One group's part in a difference: where it is, and how far its interval reaches on the side that counts. */
interface End {
  readonly group: number;
  readonly at: number;
  readonly apart: number;
}

const downwards = ({ value, low, centre = value }: Limits, group: number): End => ({
  group,
  at: centre,
  apart: centre - low,
});
const upwards = ({ value, high, centre = value }: Limits, group: number): End => ({
  group,
  at: centre,
  apart: high - centre,
});
const turned = ({ group, at, apart }: End): End => ({ group, at: -at, apart });

/** The largest a + b ± √(…² + …²) over pairs of different groups. */
function largestOfPairs(first: readonly End[], second: readonly End[], sign: 1 | -1): number {
  let most = Number.NEGATIVE_INFINITY;
  const others = candidates(second, sign);
  for (const a of candidates(first, sign)) {
    for (const b of others) {
      if (a.group !== b.group) most = Math.max(most, a.at + b.at + sign * Math.hypot(a.apart, b.apart));
    }
  }
  return most;
}

/**
 * The groups that can be in the best pair: those that no group beats both in place and in reach, and, for the pairs of these, those that only
 * one of them beats. Of thousands of groups they are some dozen.
 */
function candidates(ends: readonly End[], sign: 1 | -1): End[] {
  const sorted = ends.toSorted((a, b) => b.at - a.at || sign * (b.apart - a.apart));
  const layers: End[][] = [[], []];
  for (const end of sorted) {
    const layer = layers.find((own) => own.length === 0 || sign * (end.apart - own.at(-1)!.apart) > 0);
    layer?.push(end);
  }
  return layers.flat();
}

function largest(values: readonly number[]): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) most = Math.max(most, value);
  return most;
}
