import { effectiveCases, type LimitsAt, shareLimits } from "../statistics/index.ts";
import type { GroupCounts } from "./group-counts.ts";

/** A share of some cases, such as of those of a group that are decided positive. */
export interface Share {
  readonly value: number;
  /** Decisions of yes and no that would say as much; of randomised decisions more than there are rows. */
  readonly cases: number;
}

/** The shares that groups are compared by, [groups] each; those without cases are left out. */
export interface GroupShares {
  readonly selection: readonly Share[];
  /** Of the positives, those decided positive. */
  readonly hit: readonly Share[];
  /** Of the negatives, those decided positive. */
  readonly alarm: readonly Share[];
  readonly accuracy: readonly Share[];
}

/** The shares of counted decisions. */
export function groupShares(counts: GroupCounts): GroupShares {
  const groups = counts.names.map((_, group) => {
    const [cases, positives] = [counts.cases[group]!, counts.positives[group]!];
    const [selected, selectedSquares] = [counts.selected[group]!, counts.selectedSquares[group]!];
    const [hits, hitSquares] = [counts.hits[group]!, counts.hitSquares[group]!];
    const [negatives, alarms, alarmSquares] = [cases - positives, selected - hits, selectedSquares - hitSquares];
    // A row is right with its chance if it is positive, else with one less its chance.
    return {
      selection: shareOf(cases, selected, selectedSquares),
      hit: shareOf(positives, hits, hitSquares),
      alarm: shareOf(negatives, alarms, alarmSquares),
      accuracy: shareOf(cases, hits + negatives - alarms, hitSquares + negatives - 2 * alarms + alarmSquares),
    };
  });
  const present = (kind: keyof GroupShares) => groups.map((group) => group[kind]).filter(({ cases }) => cases > 0);
  return {
    selection: present("selection"),
    hit: present("hit"),
    alarm: present("alarm"),
    accuracy: present("accuracy"),
  };
}

/** The mean of numbers from 0 to 1 as a share, by their sum and the sum of their squares. */
export function shareOf(cases: number, sum: number, squares: number): Share {
  // Sums of many chances can be beyond by rounding.
  const value = Math.min(1, Math.max(0, sum / cases));
  return { value, cases: effectiveCases(cases, sum, squares) };
}

/** Intervals of shares. */
export function limitsOf(shares: readonly Share[]): LimitsAt {
  return (z) => shares.map(({ value, cases }) => shareLimits(value, cases, z));
}

/** Intervals of the logarithms of shares, whose differences are ratios; with half a case more of either kind, lest 0 has none. */
export function logLimitsOf(shares: readonly Share[]): LimitsAt {
  return (z) =>
    shares.map(({ value, cases }) => {
      const { low, high } = shareLimits(value, cases, z);
      const centre = Math.min(Math.max((value * cases + 0.5) / (cases + 1), low), high);
      return { value: Math.log(centre), low: Math.log(low), high: Math.log(high) };
    });
}
