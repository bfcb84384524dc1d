import { TableError } from "../table/table.ts";
import { checkFinite, type Floats, floatsLike, type RowVectors, rowCount } from "./row-vectors.ts";

/** What numbers of classes are: `probabilities` sum to one in every row, `logits` are anything that softmax makes so. */
export type ScoreKind = "probabilities" | "logits";

/** How far stored probabilities and their sums may be from those of a distribution: predictions are often stored in few digits. */
const rounding = 1e-3;

/** Whether a number is one between 0 and 1, but for rounding. */
export function isProbability(value: number, tolerance = rounding): boolean {
  return value >= -tolerance && value <= 1 + tolerance;
}

/**
 * Checks that every row is a distribution over the classes.
 *
 * @param tolerance how far numbers and their sum may be from what they should be
 * @throws TableError naming the first row with NaN, a number outside 0 to 1, or another sum
 */
export function checkProbabilities(rows: RowVectors, name = "table", tolerance = rounding): void {
  const { width, data } = rows;
  for (let start = 0, row = 0; start < data.length; start += width, row++) {
    let sum = 0;
    for (let i = start; i < start + width; i++) {
      const value = data[i]!;
      if (!isProbability(value, tolerance)) {
        throw new TableError(name, `class ${i - start} has probability ${value}, which is not between 0 and 1`, row);
      }
      sum += value;
    }
    if (Math.abs(sum - 1) > tolerance) {
      throw new TableError(
        name,
        `probabilities sum to ${Number(sum.toPrecision(6))}, not to 1; if the scores are logits, say so`,
        row,
      );
    }
  }
}

/**
 * What the scores are, by the first row: numbers between 0 and 1 are probabilities, also a distribution that rounding has carried beyond
 * these limits; anything else are logits. (Logits that happen to begin with such a row need to be declared.)
 */
export function scoreKind({ width, data }: RowVectors): ScoreKind {
  const first = data.subarray(0, width);
  if (first.every((value) => value >= 0 && value <= 1)) return "probabilities";
  let sum = 0;
  for (const value of first) sum += value;
  const isRounded = first.every((value) => isProbability(value)) && Math.abs(sum - 1) <= rounding;
  return isRounded ? "probabilities" : "logits";
}

/** A note on what scores were taken for, where it was not declared: taken for the other kind they would have given other numbers. */
export function takenFor(kind: ScoreKind | undefined, declared: ScoreKind | undefined): string[] {
  if (kind === undefined || declared !== undefined) return [];
  return [`Scores were taken for ${kind}; nothing was said of them.`];
}

/**
 * Checks scores that are read as they are: probabilities as {@link checkProbabilities}, logits to be finite.
 *
 * @throws TableError naming the first row that is not what the kind says
 */
export function checkScores(scores: RowVectors, kind: ScoreKind = scoreKind(scores), name = "table"): void {
  if (kind === "logits") checkFinite(scores, "logit", name);
  else checkProbabilities(scores, name);
}

/**
 * Scores as checked probabilities; logits go through softmax.
 *
 * @throws TableError naming the first row that is not what the kind says
 */
export function toProbabilities(scores: RowVectors, kind: ScoreKind = scoreKind(scores), name = "table"): RowVectors {
  checkScores(scores, kind, name);
  return kind === "logits" ? softmax(scores) : scores;
}

/**
 * Scores as logits: of probabilities the logarithms, where 0 counts as {@link smallestProbability}. Softmax gives the probabilities
 * back.
 */
export function toLogits(scores: RowVectors, kind: ScoreKind = scoreKind(scores)): RowVectors {
  if (kind === "logits") return scores;
  return { width: scores.width, data: scores.data.map((p: number) => Math.log(Math.max(p, smallestProbability))) };
}

/** The smallest normal float32, 2⁻¹²⁶: what is less has been lost in float32, and its logarithm should not be infinite. */
export const smallestProbability = 2 ** -126;

/** softmax(logits / temperature) in every row, in the precision of the logits. */
export function softmax({ width, data }: RowVectors, temperature = 1): RowVectors {
  const result = floatsLike(data, data.length);
  for (let start = 0; start < data.length; start += width) {
    const end = start + width;
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) if (data[i]! > largest) largest = data[i]!;
    let sum = 0;
    for (let i = start; i < end; i++) sum += Math.exp((data[i]! - largest) / temperature);
    for (let i = start; i < end; i++) result[i] = Math.exp((data[i]! - largest) / temperature) / sum;
  }
  return { width, data: result };
}

/** Rows (1 - p, p) of the probabilities p of class 1: the form in which a binary score is a distribution. [rows] → [rows, 2] */
export function binaryProbabilities(positive: ArrayLike<number>): RowVectors {
  const data = new Float64Array(2 * positive.length);
  for (let row = 0; row < positive.length; row++) {
    data[2 * row] = 1 - positive[row]!;
    data[2 * row + 1] = positive[row]!;
  }
  return { width: 2, data };
}

/** Rows (0, z) of the logits z = ln(p / (1 - p)) of class 1, of which softmax makes (1 - p, p). [rows] → [rows, 2] */
export function binaryLogits(positive: ArrayLike<number>): RowVectors {
  const data = new Float64Array(2 * positive.length);
  for (let row = 0; row < positive.length; row++) data[2 * row + 1] = positive[row]!;
  return { width: 2, data };
}

/** One class of every row: [rows, width] → [rows]. */
export function classScores({ width, data }: RowVectors, index: number): Floats {
  const scores = floatsLike(data, rowCount({ width, data }));
  for (let row = 0; row < scores.length; row++) scores[row] = data[row * width + index]!;
  return scores;
}
