import {
  type Estimate,
  gapInterval,
  type Limits,
  type LimitsAt,
  leastInterval,
  oneSidedError,
  wilsonInterval,
} from "../statistics/index.ts";
import type { GroupCounts } from "./group-counts.ts";
import { type GroupShares, groupShares, limitsOf, logLimitsOf, type Share } from "./group-shares.ts";
import { groupRates, type Parity, parity } from "./parity.ts";

/** Parity of decisions, each measure with an interval of 95 %. */
export type ParityIntervals = Readonly<Record<Exclude<keyof Parity, "accuracyDifference" | "worstAccuracy">, Estimate>>;

/**
 * Parity between groups, with intervals that hold for any number of them ({@link gapInterval}), from counts alone. Of several classes in the
 * place of the positive one, a difference is that of the class where it is largest, a ratio where it is smallest. What fewer than two groups
 * have is NaN.
 *
 * @param classes counts of the same rows, each with another positive class
 */
export function parityIntervals(classes: readonly GroupCounts[]): ParityIntervals {
  const shares = classes.map(groupShares);
  const values = classes.map((counts) => parity(groupRates(counts)));
  const count = sum(classes[0]?.cases ?? []);
  const differences = (...kinds: Kind[]) => {
    // Any of the gaps can be the largest by luck: of the error below, each has its part.
    const below = oneSidedError / (shares.length * kinds.length);
    return largestOf(shares.flatMap((own) => kinds.map((kind) => gapInterval(limitsOf(own[kind]), { below }))));
  };
  const ratios = (...kinds: Kind[]) => {
    const below = oneSidedError / (shares.length * kinds.length);
    const logs = shares.flatMap((own) => kinds.map((kind) => gapInterval(logLimitsOf(own[kind]), { below })));
    const { low, high } = largestOf(logs);
    return { low: Math.exp(-high), high: Math.exp(-low) };
  };
  const meanOdds = () => {
    const gaps = shares.map((own) => {
      const errors = { below: oneSidedError / (2 * shares.length), above: oneSidedError / 2 };
      return meanOf(gapInterval(limitsOf(own.hit), errors), gapInterval(limitsOf(own.alarm), errors));
    });
    return largestOf(gaps);
  };
  const estimate = (key: keyof Parity, { low, high }: Pick<Limits, "low" | "high">): Estimate => {
    const own = values.map((value) => value[key]).filter((value) => !Number.isNaN(value));
    if (own.length === 0) return { value: Number.NaN, low: Number.NaN, high: Number.NaN, count };
    const value = key.endsWith("Ratio") ? Math.min(...own) : Math.max(...own);
    return { value, low: Math.min(low, value), high: Math.max(value, Math.min(high, 1)), count };
  };
  return {
    demographicParityDifference: estimate("demographicParityDifference", differences("selection")),
    demographicParityRatio: estimate("demographicParityRatio", ratios("selection")),
    equalOpportunityDifference: estimate("equalOpportunityDifference", differences("hit")),
    equalizedOddsDifference: estimate("equalizedOddsDifference", differences("hit", "alarm")),
    equalizedOddsMeanDifference: estimate("equalizedOddsMeanDifference", meanOdds()),
    equalizedOddsRatio: estimate("equalizedOddsRatio", ratios("hit", "alarm")),
  };
}

/**
 * How far the accuracies of groups are apart, and the least of them. The interval of the least is as wide as that of the group that has it by
 * itself, or wider: next to 1 the likelihood ratio alone is too sure of a small group that is right throughout (0.938 of 30 cases, which one in
 * nine of such groups of accuracy 0.93 are; Wilson's interval ends at 0.886).
 */
export function accuracyIntervals(accuracies: readonly Share[]): Record<"accuracy-gap" | "worst-accuracy", Estimate> {
  const count = sum(accuracies.map(({ cases }) => cases));
  return {
    "accuracy-gap": { ...gapInterval(limitsOf(accuracies)), count },
    "worst-accuracy": { ...leastInterval(atLeastWilson(accuracies)), count },
  };
}

/** Intervals of shares by their likelihood ratio, but no narrower than Wilson's of 95 %. */
function atLeastWilson(shares: readonly Share[]): LimitsAt {
  const alone = shares.map(({ value, cases }) => wilsonInterval(value * cases, cases));
  return (z) =>
    limitsOf(shares)(z).map(({ value, low, high }, group) => ({
      value,
      low: Math.min(low, alone[group]!.low),
      high: Math.max(high, alone[group]!.high),
    }));
}

type Kind = Exclude<keyof GroupShares, "accuracy">;

/** The interval of the largest of some gaps, by theirs; those that are not defined are not there. */
function largestOf(gaps: readonly Limits[]): Limits {
  const ends = (end: "value" | "low" | "high") => gaps.map((gap) => gap[end]).filter((value) => !Number.isNaN(value));
  return { value: Math.max(...ends("value")), low: Math.max(...ends("low")), high: Math.max(...ends("high")) };
}

function meanOf(a: Limits, b: Limits): Limits {
  return { value: (a.value + b.value) / 2, low: (a.low + b.low) / 2, high: (a.high + b.high) / 2 };
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
