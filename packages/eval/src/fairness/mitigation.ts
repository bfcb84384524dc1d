import { halves, putRows } from "../calibration/halves.ts";
import { mean } from "../statistics/index.ts";
import { equalizedChances, fitEqualizedOdds } from "./equalized-odds.ts";
import { equalizedThresholdChances, fitEqualizedThresholds } from "./equalized-thresholds.ts";
import { GroupCounts } from "./group-counts.ts";
import { type Groups, selectGroups } from "./groups.ts";
import { decisionChances, fitRandomizedThreshold, signedScores } from "./randomized-threshold.ts";
import { fitStochastically } from "./stochastic-threshold.ts";

/** A question of yes and no: what a model thinks, what is so, and whom it is about. */
export interface BinaryQuestion {
  /** [rows] probability of yes */
  readonly probabilities: Float64Array;
  /** [rows] 1 for yes */
  readonly labels: Uint8Array;
  readonly groups: Groups;
}

/** A way to change decisions: learns from some rows, and gives the chance of deciding yes, [rows], for others. */
export type Mitigation = (fit: BinaryQuestion, use: BinaryQuestion) => Float64Array;

/** Decisions by probability above one half, for comparison. */
export const unchanged: Mitigation = (_, use) => decisionsOf(use);

/** How the thresholds of the randomized threshold optimizer are found. */
export type DebiasingMethod = "exact" | "stochastic";
export const debiasingMethods: readonly DebiasingMethod[] = ["exact", "stochastic"];

/** How {@link equalRates} are reached. */
export interface DebiasingOptions {
  /** `exact` by default. */
  readonly method?: DebiasingMethod;
  /** Draws the batches of the stochastic method; 0 by default. */
  readonly seed?: number;
}

/** Decisions of equal rates, within a level: the randomized threshold optimizer. */
export const equalRates =
  (level: number, gamma = 0.05, { method = "exact", seed = 0 }: DebiasingOptions = {}): Mitigation =>
  (fit, use) => {
    const scores = signedScores(fit.probabilities);
    const rule =
      method === "exact"
        ? fitRandomizedThreshold(scores, fit.groups, { gamma, level })
        : fitStochastically(scores, fit.groups, { gamma, level, seed });
    return decisionChances(rule, signedScores(use.probabilities), use.groups);
  };

/**
 * The probabilities nearest to the given ones whose group means are equal, within a level: the same optimizer on the scale of
 * probabilities with a band of width 1, where it moves every group's probabilities by one number and clips them.
 */
export const equalMeans =
  (level: number): Mitigation =>
  (fit, use) => {
    const options = { gamma: 1, level, rate: mean(fit.probabilities) };
    const rule = fitRandomizedThreshold(fit.probabilities, fit.groups, options);
    return decisionChances(rule, use.probabilities, use.groups);
  };

/** Equalised odds by changing decisions. */
export const equalOdds: Mitigation = (fit, use) => {
  const { groups, labels } = fit;
  const rule = fitEqualizedOdds(new GroupCounts(groups.names).add({ decisions: decisionsOf(fit), labels, groups }));
  return equalizedChances(rule, decisionsOf(use), use.groups);
};

/** Equalised odds by thresholds. */
export const equalOddsByThresholds: Mitigation = (fit, use) =>
  equalizedThresholdChances(
    fitEqualizedThresholds(fit.probabilities, fit.labels, fit.groups),
    use.probabilities,
    use.groups,
  );

/**
 * Chances of deciding yes in every row, [rows], where each random half of the rows is treated by what the other half taught. Both halves have
 * their share of every group, and in it of both labels.
 */
export function crossMitigated(question: BinaryQuestion, mitigation: Mitigation, seed?: number): Float64Array {
  const cells = question.groups.of.map((group, row) => 2 * group + question.labels[row]!);
  const [first, second] = halves(question.labels.length, seed, cells);
  const [one, two] = [selectQuestion(question, first), selectQuestion(question, second)];
  const chances = new Float64Array(question.labels.length);
  putRows(chances, second, mitigation(one, two));
  putRows(chances, first, mitigation(two, one));
  return chances;
}

function selectQuestion({ probabilities, labels, groups }: BinaryQuestion, rows: Uint32Array): BinaryQuestion {
  return {
    probabilities: Float64Array.from(rows, (row) => probabilities[row]!),
    labels: Uint8Array.from(rows, (row) => labels[row]!),
    groups: selectGroups(groups, rows),
  };
}

/** Decisions by probability above one half, [rows] of 0 and 1. */
export function decisionsOf({ probabilities }: Pick<BinaryQuestion, "probabilities">): Float64Array {
  return probabilities.map((p) => (p > 0.5 ? 1 : 0));
}
