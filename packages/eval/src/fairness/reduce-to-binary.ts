import type { RowVectors } from "../calibration/row-vectors.ts";
import { rowCount } from "../calibration/row-vectors.ts";
import { type Groups, rowsOfGroups } from "./groups.ts";
import { solveThreshold } from "./randomized-threshold.ts";

/** How {@link reduceToBinary} debiases. */
export interface ReduceOptions {
  /** Weight of staying random: 1, the default, gives the probabilities nearest to the given ones, small ones nearly hard decisions. */
  readonly gamma?: number;
  /** How far, for every class, the mean probabilities of any two groups may be apart; 0 by default. */
  readonly level?: number;
  /** Step of the method of multipliers; 0.5 by default. */
  readonly eta?: number;
  /** Rounds at most; 100 by default. It ends before when both residuals, per number, are below 1e-7. */
  readonly rounds?: number;
}

/** What {@link reduceToBinary} finds. */
export interface ReducedProbabilities {
  /** [rows, classes] */
  readonly probabilities: RowVectors;
  /** Root mean squares of what the last round left: between the parts of the problem, and since the round before. */
  readonly residuals: { readonly primal: number; readonly dual: number };
  readonly rounds: number;
}

/**
 * Debiases probabilities of any number of classes (R2B, Alabdulmohsin et al. 2022): the distributions x that
 *
 *     minimise Σ γ/2 x² - p x   with rows that sum to one and, for every class, group means within level/2 of the class's mean.
 *
 * By the alternating direction method of multipliers: each round debiases every class by itself ({@link solveThreshold}), moves the rows
 * back to sums of one, and adds the disagreement to the multipliers. No labels are used.
 *
 * @param probabilities [rows, classes]
 * @throws RangeError for a group without rows or a gamma or eta that is not positive
 */
export function reduceToBinary(
  probabilities: RowVectors,
  groups: Groups,
  { gamma = 1, level = 0, eta = 0.5, rounds = 100 }: ReduceOptions = {},
): ReducedProbabilities {
  if (!(gamma > 0 && eta > 0)) throw new RangeError(`gamma ${gamma} and eta ${eta}; give positive numbers`);
  const { width, data } = probabilities;
  const groupRows = rowsOfGroups(groups);
  const empty = groupRows.findIndex((rows) => rows.length === 0);
  if (empty >= 0) throw new RangeError(`group "${groups.names[empty]}" has no rows to debias`);
  const means = classMeans(probabilities);
  const fair = new Float64Array(data.length);
  const summed = new Float64Array(data.length);
  const multipliers = new Float64Array(data.length);
  let residuals = { primal: Number.POSITIVE_INFINITY, dual: Number.POSITIVE_INFINITY };
  let round = 0;
  while (round < rounds && Math.max(residuals.primal, residuals.dual) > 1e-7) {
    for (let index = 0; index < width; index++) {
      const [low, high] = [means[index]! - level / 2, means[index]! + level / 2];
      for (const rows of groupRows) {
        const wish = Float64Array.from(rows, (row) => {
          const at = row * width + index;
          return data[at]! + eta * (summed[at]! - multipliers[at]!);
        });
        const threshold = solveThreshold(wish, gamma + eta, low, high);
        for (let i = 0; i < rows.length; i++) {
          fair[rows[i]! * width + index] = Math.min(Math.max((wish[i]! - threshold) / (gamma + eta), 0), 1);
        }
      }
    }
    residuals = moveToSums(fair, summed, multipliers, width);
    round++;
  }
  return { probabilities: { width, data: normalised(summed, width) }, residuals, rounds: round };
}

/** Moves `summed` to the nearest rows of sum one, and the multipliers by what is left. */
function moveToSums(fair: Float64Array, summed: Float64Array, multipliers: Float64Array, width: number) {
  let [primal, dual] = [0, 0];
  for (let start = 0; start < fair.length; start += width) {
    let excess = -1;
    for (let i = start; i < start + width; i++) excess += fair[i]! + multipliers[i]!;
    for (let i = start; i < start + width; i++) {
      const moved = fair[i]! + multipliers[i]! - excess / width;
      multipliers[i]! += fair[i]! - moved;
      primal += (fair[i]! - moved) ** 2;
      dual += (moved - summed[i]!) ** 2;
      summed[i] = moved;
    }
  }
  return { primal: Math.sqrt(primal / fair.length), dual: Math.sqrt(dual / fair.length) };
}

/** Without what is left below 0, and with sums of one. */
function normalised(rows: Float64Array, width: number): Float64Array {
  const result = rows.map((value) => Math.max(value, 0));
  for (let start = 0; start < result.length; start += width) {
    const row = result.subarray(start, start + width);
    const sum = row.reduce((total, value) => total + value, 0);
    for (let i = 0; i < width; i++) row[i]! /= sum;
  }
  return result;
}

function classMeans(probabilities: RowVectors): Float64Array {
  const { width, data } = probabilities;
  const means = new Float64Array(width);
  const rows = rowCount(probabilities);
  for (let i = 0; i < data.length; i++) means[i % width]! += data[i]! / rows;
  return means;
}
