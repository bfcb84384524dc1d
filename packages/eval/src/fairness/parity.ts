import { listed } from "../listed.ts";
import type { GroupCounts } from "./group-counts.ts";

/** How decisions fall out in one group. A rate of cases that the group does not have is NaN, and enters no comparison. */
export interface GroupRates {
  readonly group: string;
  readonly cases: number;
  /** Share of the group whose label is positive. */
  readonly baseRate: number;
  /** Share of the group decided positive. */
  readonly selectionRate: number;
  readonly accuracy: number;
  /** Of those whose label is positive, the share decided positive; NaN when there are none. */
  readonly truePositiveRate: number;
  /** Of those whose label is negative, the share decided positive; NaN when there are none. */
  readonly falsePositiveRate: number;
}

/** The rates of every group. */
export function groupRates({ names, cases, positives, selected, hits }: GroupCounts): GroupRates[] {
  return names.map((group, i) => {
    const [n, p, s, h] = [cases[i]!, positives[i]!, selected[i]!, hits[i]!];
    return {
      group,
      cases: n,
      baseRate: p / n,
      selectionRate: s / n,
      // Right are hits, and negatives that were not selected.
      accuracy: (h + (n - p) - (s - h)) / n,
      truePositiveRate: h / p,
      falsePositiveRate: (s - h) / (n - p),
    };
  });
}

/** How far groups are apart, over the groups that have the cases; NaN when fewer than two do. */
export interface Parity {
  /** Largest minus smallest selection rate (demographic parity). */
  readonly demographicParityDifference: number;
  /** Smallest over largest selection rate; 1 when nobody is selected. */
  readonly demographicParityRatio: number;
  /** Largest minus smallest true positive rate (equal opportunity, Hardt et al. 2016). */
  readonly equalOpportunityDifference: number;
  /** The larger of the differences of true and of false positive rates (equalised odds). */
  readonly equalizedOddsDifference: number;
  /** Their mean. */
  readonly equalizedOddsMeanDifference: number;
  /** The smaller of the ratios of true and of false positive rates. */
  readonly equalizedOddsRatio: number;
  /** Largest minus smallest accuracy. */
  readonly accuracyDifference: number;
  /** Accuracy in the group where it is smallest. */
  readonly worstAccuracy: number;
}

/** Parity between groups. */
export function parity(rates: readonly GroupRates[]): Parity {
  const of = (name: keyof Omit<GroupRates, "group">) =>
    rates.map((group) => group[name]).filter((rate) => !Number.isNaN(rate));
  const [truePositives, falsePositives] = [of("truePositiveRate"), of("falsePositiveRate")];
  const [hitGap, alarmGap] = [difference(truePositives), difference(falsePositives)];
  return {
    demographicParityDifference: difference(of("selectionRate")),
    demographicParityRatio: ratio(of("selectionRate")),
    equalOpportunityDifference: hitGap,
    equalizedOddsDifference: Math.max(hitGap, alarmGap),
    equalizedOddsMeanDifference: (hitGap + alarmGap) / 2,
    equalizedOddsRatio: Math.min(ratio(truePositives), ratio(falsePositives)),
    accuracyDifference: difference(of("accuracy")),
    worstAccuracy: Math.min(...of("accuracy")),
  };
}

/** Largest minus smallest; NaN of fewer than two. */
export function difference(values: readonly number[]): number {
  return values.length < 2 ? Number.NaN : Math.max(...values) - Math.min(...values);
}

/** Smallest over largest, where 0 of 0 is 1: equal rates; NaN of fewer than two. */
function ratio(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const largest = Math.max(...values);
  return largest === 0 ? 1 : Math.min(...values) / largest;
}

/** Says which rates are not there, of which groups, and what that means; nothing when all are. */
export function missingCases(rates: readonly GroupRates[]): string[] {
  const without = (rate: "truePositiveRate" | "falsePositiveRate") =>
    rates.filter((own) => Number.isNaN(own[rate])).map(({ group }) => `"${group}"`);
  const note = (groups: readonly string[], what: string) =>
    groups.length === 0
      ? []
      : groups.length === 1
        ? [`group ${groups[0]} has no ${what} without it`]
        : [`groups ${listed(groups)} have no ${what} without them`];
  return [
    ...note(without("falsePositiveRate"), "negatives, so no false positive rate: equalised odds are compared"),
    ...note(without("truePositiveRate"), "positives, so no true positive rate: equal opportunity is compared"),
  ];
}
