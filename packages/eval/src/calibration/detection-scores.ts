import type { RowVectors } from "./row-vectors.ts";
import { rowCount } from "./row-vectors.ts";

/**
 * Scores that tell data of another kind from what a model knows, from its outputs alone: higher means further out. `msp`, 1 minus the
 * largest softmax probability (Hendrycks & Gimpel 2017); `max-logit`, minus the largest logit (Hendrycks et al. 2022); `entropy` of the
 * probabilities in nats; `energy`, minus the log of the sum of exp(logits) (Liu et al. 2020).
 */
const outputScores = {
  msp: (row, start, end, largest) => 1 - 1 / sumOfExponents(row, start, end, largest),
  "max-logit": (_row, _start, _end, largest) => -largest,
  entropy: (row, start, end, largest) => {
    let [sum, moment] = [0, 0];
    for (let i = start; i < end; i++) {
      const z = row[i]! - largest;
      const weight = Math.exp(z);
      sum += weight;
      if (weight > 0) moment += weight * z;
    }
    return Math.log(sum) - moment / sum;
  },
  energy: (row, start, end, largest) => -(largest + Math.log(sumOfExponents(row, start, end, largest))),
} as const satisfies Record<string, RowScore>;

/** Name of a score that needs only logits. */
export type OutputScore = keyof typeof outputScores;

type RowScore = (data: ArrayLike<number>, start: number, end: number, largest: number) => number;

/**
 * A score of every row, [rows]. Probabilities can be given as their logarithms; then `max-logit` ranks rows as `msp` does, being
 * minus the logarithm of its complement, and `energy` is 0 but for rounding, because what tells them apart is the scale of logits that probabilities have lost.
 *
 * @param logits [rows, classes]
 */
export function detectionScores(logits: RowVectors, score: OutputScore): Float64Array {
  const { width, data } = logits;
  const scores = new Float64Array(rowCount(logits));
  for (let row = 0, start = 0; row < scores.length; row++, start += width) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = start; i < start + width; i++) if (data[i]! > largest) largest = data[i]!;
    scores[row] = outputScores[score](data, start, start + width, largest);
  }
  return scores;
}

function sumOfExponents(data: ArrayLike<number>, start: number, end: number, largest: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += Math.exp(data[i]! - largest);
  return sum;
}
