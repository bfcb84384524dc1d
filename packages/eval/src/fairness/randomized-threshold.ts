import { random } from "@vitscale/core";
import { type Groups, rowsOfGroups } from "./groups.ts";

/**
 * A rule that decides by group and, near its threshold, by chance: in group k, a row of score s is decided positive with chance
 * clip((s - t_k) / γ, 0, 1).
 */
export interface RandomizedThreshold {
  /** Width of the band in which decisions are random. */
  readonly gamma: number;
  /** [groups] scores below which nothing is decided positive */
  readonly thresholds: Float64Array;
}

/** What {@link fitRandomizedThreshold} asks of the rule. */
export interface ThresholdOptions {
  /** Width of the random band in units of the score; 0.05 by default, on scores from -1 to 1. */
  readonly gamma?: number;
  /** How far the rates of any two groups may be apart; 0 by default. */
  readonly level?: number;
  /** The rate that all groups come to, within half a level. For scores 2p - 1 the mean of p by default. */
  readonly rate?: number;
}

/**
 * The randomized threshold optimizer (Alabdulmohsin & Lucic 2021): the decisions x that lose least of the scores,
 *
 *     minimise Σ γ/2 x² - s x   over 0 ≤ x ≤ 1, with |mean of x in group k - rate| ≤ level/2 for every k.
 *
 * Its Lagrangian falls apart into groups, and in each the multipliers of both bounds into one number, the threshold t: x = clip((s - t)/γ, 0, 1),
 * with t = 0 where that keeps the bounds, else such that the mean lies on the nearer one. The mean falls in t, so t is found exactly; the
 * {@link fitStochastically stochastic form} of the paper is for streams. Fit it on rows that the classifier was not trained on.
 *
 * @param scores [rows] 2p - 1 for probabilities p of the positive class
 * @throws RangeError for a score that is not finite, naming the row, a group without rows, a width that is not positive, or a rate that no
 *   decisions have
 */
export function fitRandomizedThreshold(
  scores: ArrayLike<number>,
  groups: Groups,
  options: ThresholdOptions = {},
): RandomizedThreshold {
  const { gamma, low, high } = checkedBounds(scores, groups, options);
  const thresholds = rowsOfGroups(groups).map((rows) => {
    const own = Float64Array.from(rows, (row) => scores[row]!);
    return solveThreshold(own, gamma, low, high);
  });
  return { gamma, thresholds: Float64Array.from(thresholds) };
}

/** Chance of deciding positive in every row, [rows]. */
export function decisionChances(
  { gamma, thresholds }: RandomizedThreshold,
  scores: ArrayLike<number>,
  { of }: Pick<Groups, "of">,
): Float64Array {
  return Float64Array.from(of, (group, row) => clip((scores[row]! - thresholds[group]!) / gamma));
}

/** Decisions drawn by their chances, [rows] of 0 and 1; the same seed draws the same. */
export function drawDecisions(chances: ArrayLike<number>, seed = 0): Uint8Array {
  const words = random.threefryBits(Math.floor(seed / 2 ** 32), seed, chances.length);
  return Uint8Array.from(words, (word, row) => ((word >>> 0) / 2 ** 32 < chances[row]! ? 1 : 0));
}

/** The scores 2p - 1 of probabilities p. */
export function signedScores(probabilities: ArrayLike<number>): Float64Array {
  return Float64Array.from(probabilities, (p: number) => 2 * p - 1);
}

/** The options with their defaults: the width of the band, and the rates between which every group has to come. */
export function checkedBounds(
  scores: ArrayLike<number>,
  groups: Groups,
  { gamma = 0.05, level = 0, rate = meanScore(scores) / 2 + 0.5 }: ThresholdOptions,
): { readonly gamma: number; readonly low: number; readonly high: number } {
  const broken = Array.prototype.findIndex.call(scores, (score: number) => !Number.isFinite(score));
  if (broken >= 0)
    throw new RangeError(`row ${broken} has score ${scores[broken]}; every score must be a finite number`);
  if (!(gamma > 0)) throw new RangeError(`a random band of width ${gamma}; give a positive one, 0.05 for instance`);
  if (!(level >= 0)) throw new RangeError(`parity level ${level}; give how far rates may be apart, 0 or more`);
  if (!(rate >= 0 && rate <= 1)) {
    throw new RangeError(`rate ${rate} of positive decisions; give a share from 0 to 1, or scores from -1 to 1`);
  }
  const empty = rowsOfGroups(groups).findIndex((rows) => rows.length === 0);
  if (empty >= 0) throw new RangeError(`group "${groups.names[empty]}" has no rows to fit a threshold to`);
  return { gamma, low: rate - level / 2, high: rate + level / 2 };
}

/**
 * The threshold of one group: 0 if the mean chance then lies between the bounds, else the one that brings it to the nearer bound. Newton's
 * method inside a shrinking bracket; the mean is linear between scores, so that it ends exactly.
 */
export function solveThreshold(scores: Float64Array, gamma: number, low: number, high: number): number {
  const atZero = meanChance(scores, gamma, 0).mean;
  if (atZero >= low && atZero <= high) return 0;
  const wanted = atZero > high ? high : low;
  // At the lower end every chance is 1, at the upper end 0.
  let [below, above] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const score of scores) {
    below = Math.min(below, score - gamma);
    above = Math.max(above, score);
  }
  if (wanted >= 1) return below;
  if (wanted <= 0) return above;
  let threshold = Math.min(Math.max(0, below), above);
  for (;;) {
    const { mean, slope } = meanChance(scores, gamma, threshold);
    if (mean > wanted) below = threshold;
    else above = threshold;
    const newton = threshold + (wanted - mean) / slope;
    const next = newton > below && newton < above ? newton : (below + above) / 2;
    if (Math.abs(mean - wanted) < 1e-15 || next === threshold || next <= below || next >= above) return threshold;
    threshold = next;
  }
}

/** Mean of clip((s - t)/γ, 0, 1), and its derivative by t. */
function meanChance(scores: Float64Array, gamma: number, threshold: number) {
  let [sum, inBand] = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    const chance = (scores[i]! - threshold) / gamma;
    if (chance >= 1) sum += 1;
    else if (chance > 0) {
      sum += chance;
      inBand++;
    }
  }
  return { mean: sum / scores.length, slope: -inBand / (gamma * scores.length) };
}

function meanScore(scores: ArrayLike<number>): number {
  let sum = 0;
  for (let row = 0; row < scores.length; row++) sum += scores[row]!;
  return sum / scores.length;
}

/** The nearest number from 0 to 1. */
function clip(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
