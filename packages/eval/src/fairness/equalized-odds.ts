import type { GroupCounts } from "./group-counts.ts";
import type { Groups } from "./groups.ts";
import { groupRates } from "./parity.ts";

/** A place in the plane of rates: of the negatives, and of the positives, the share decided positive. */
export interface RatePoint {
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
}

/** Decisions of a classifier, changed by chance and group so that all groups have the same rates. */
export interface EqualizedOdds extends RatePoint {
  /** [groups][2]: the chance of deciding positive where the classifier decided negative, and where it decided positive */
  readonly chances: readonly (readonly [number, number])[];
  /** Expected share of wrong decisions on the rows that it was fitted to. */
  readonly error: number;
}

/**
 * Equalised odds by changing decisions (Hardt, Price & Srebro 2016, section 3.1): the fewest expected errors among all ways to decide anew
 * from decision and group under which true and false positive rates are the same in all groups.
 *
 * In the plane of rates, what a group can reach is the parallelogram of (0, 0), its own rates, (1, 1), and the rates of the opposite
 * decisions. All groups can reach the intersection; errors are linear in the plane, so that a corner of it is best. Measure the result on
 * other rows than it was fitted to.
 *
 * @throws RangeError for a group without positives or without negatives, whose rates nothing is known of
 */
export function fitEqualizedOdds(counts: GroupCounts): EqualizedOdds {
  const own = checkedRates(counts);
  const corners = own.map(reachable).reduce(intersection);
  const { positives, negatives } = totals(counts);
  const error = ([falsePositiveRate, truePositiveRate]: Corner) =>
    (negatives * falsePositiveRate + positives * (1 - truePositiveRate)) / (positives + negatives);
  const best = corners.reduce((best, corner) => (error(corner) < error(best) ? corner : best));
  const [falsePositiveRate, truePositiveRate] = best;
  return {
    falsePositiveRate,
    truePositiveRate,
    chances: own.map((rates) => chancesFor(rates, best)),
    error: error(best),
  };
}

/** Chance of deciding positive in every row, [rows], from decisions of 0 and 1. */
export function equalizedChances(rule: EqualizedOdds, decisions: ArrayLike<number>, { of }: Groups): Float64Array {
  return Float64Array.from(of, (group, row) => rule.chances[group]![decisions[row] === 1 ? 1 : 0]);
}

/**
 * The rates of every group.
 *
 * @throws RangeError for a group that lacks one
 */
export function checkedRates(counts: GroupCounts): RatePoint[] {
  return groupRates(counts).map(({ group, falsePositiveRate, truePositiveRate }) => {
    for (const [rate, cases] of [
      [truePositiveRate, "positives"],
      [falsePositiveRate, "negatives"],
    ] as const) {
      if (!Number.isNaN(rate)) continue;
      throw new RangeError(`group "${group}" has no ${cases}, so its odds cannot be made equal; leave it out`);
    }
    return { falsePositiveRate, truePositiveRate };
  });
}

/** Rows with positive and with negative labels, over all groups. */
export function totals({ cases, positives }: GroupCounts): { readonly positives: number; readonly negatives: number } {
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  return { positives: sum(positives), negatives: sum(cases) - sum(positives) };
}

/** (false, true positive rate) */
type Corner = readonly [number, number];

/** Corners counter-clockwise. Decisions no better than chance reach only the diagonal. */
function reachable({ falsePositiveRate: f, truePositiveRate: t }: RatePoint): Corner[] {
  const [better, worse]: Corner[] =
    t >= f
      ? [
          [f, t],
          [1 - f, 1 - t],
        ]
      : [
          [1 - f, 1 - t],
          [f, t],
        ];
  return [[0, 0], worse!, [1, 1], better!];
}

/** Of convex polygons, by cutting one at the edges of the other (Sutherland & Hodgman 1974). */
function intersection(polygon: Corner[], other: Corner[]): Corner[] {
  return other.reduce((rest, from, i) => cut(rest, from, other[(i + 1) % other.length]!), polygon);
}

/** What of a polygon lies left of a line, or on it within rounding. */
function cut(polygon: Corner[], from: Corner, to: Corner): Corner[] {
  const side = ([f, t]: Corner) => (to[0] - from[0]) * (t - from[1]) - (to[1] - from[1]) * (f - from[0]);
  return polygon.flatMap((corner, i) => {
    const next = polygon[(i + 1) % polygon.length]!;
    const [here, there] = [side(corner), side(next)];
    const kept = here >= -1e-12 ? [corner] : [];
    if (Math.min(here, there) >= -1e-12 || Math.max(here, there) <= 1e-12) return kept;
    const share = here / (here - there);
    return [...kept, [corner[0] + share * (next[0] - corner[0]), corner[1] + share * (next[1] - corner[1])] as const];
  });
}

/** Solves f = q₀ (1 - F) + q₁ F and t = q₀ (1 - T) + q₁ T for the chances q, where F and T are the group's own rates. */
function chancesFor({ falsePositiveRate, truePositiveRate }: RatePoint, [f, t]: Corner): readonly [number, number] {
  const gap = truePositiveRate - falsePositiveRate;
  const rise = gap === 0 ? 0 : (t - f) / gap;
  const chance = t - truePositiveRate * rise;
  const clip = (value: number) => Math.min(Math.max(value, 0), 1);
  return [clip(chance), clip(chance + rise)];
}
