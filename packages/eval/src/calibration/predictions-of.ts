import { columnOf, numbersOf, type Table } from "../table/index.ts";
import { binaryProbabilities, type ScoreKind, scoreKind, toLogits, toProbabilities } from "./probabilities.ts";
import { checkLabels, type RowVectors, rowCount } from "./row-vectors.ts";

/** What calibration and fairness read of a table of predictions. */
export interface ScoredLabels {
  /** [rows, classes], checked */
  readonly probabilities: RowVectors;
  /** [rows, classes]; of probabilities their logarithms */
  readonly logits: RowVectors;
  /** [rows] */
  readonly labels: ArrayLike<number>;
}

/** What the columns of {@link predictionsOf} hold, for a suite's `needs`. */
export const scoresNeed =
  "probabilities that sum to 1, or logits, of all classes; or one number in each row, the probability of class 1 of 2";
export const labelNeed = "class of each row, numbered from 0";

/**
 * The columns `scores` and `label`.
 *
 * @param kind what the scores are; by default as the first row looks ({@link scoreKind})
 * @throws TableError naming the column that is missing, or the row whose scores or label are broken
 */
export function predictionsOf(table: Table, kind?: ScoreKind): ScoredLabels {
  const scores = scoresOf(table, kind);
  const labels = numbersOf(table, "label");
  checkLabels(labels, table.length, scores.probabilities.width, table.name);
  return { ...scores, labels };
}

/** The column `scores` alone. */
export function scoresOf(table: Table, kind?: ScoreKind): Pick<ScoredLabels, "probabilities" | "logits"> {
  const isOneNumber = table.columns.get("scores")?.kind === "number";
  const scores: RowVectors = isOneNumber
    ? binaryProbabilities(numbersOf(table, "scores"))
    : columnOf(table, "scores", "vector");
  const known = kind ?? (isOneNumber ? "probabilities" : scoreKind(scores));
  const probabilities = toProbabilities(scores, known, table.name);
  return { probabilities, logits: rowCount(scores) === 0 ? scores : toLogits(scores, known) };
}
