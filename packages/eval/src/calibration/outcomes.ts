import { type Estimate, wilsonInterval } from "../statistics/index.ts";
import { checkLabels, type Floats, floatsLike, type RowVectors, rowCount } from "./row-vectors.ts";

/** Predictions as calibration sees them: how sure each was, and whether it was right. */
export interface Outcomes {
  /** [rows] in 0 to 1 */
  readonly confidence: Floats;
  /** [rows] 1 if right, 0 if not */
  readonly correct: Uint8Array;
}

/** The most probable class of every row, [rows]; of equal ones the lowest. */
export function mostProbable({ width, data }: RowVectors): Int32Array {
  const classes = new Int32Array(data.length / width);
  for (let row = 0, start = 0; row < classes.length; row++, start += width) {
    let best = 0;
    let highest = data[start]!;
    for (let index = 1; index < width; index++) {
      const value = data[start + index]!;
      if (value <= highest) continue;
      highest = value;
      best = index;
    }
    classes[row] = best;
  }
  return classes;
}

/**
 * The probability of the most probable class of every row, and whether it is the label.
 *
 * @param probabilities [rows, classes], checked
 * @throws TableError naming the row whose label is no class
 */
export function topOutcomes(probabilities: RowVectors, labels: ArrayLike<number>, name?: string): Outcomes {
  const { width, data } = probabilities;
  checkLabels(labels, rowCount(probabilities), width, name);
  const decisions = mostProbable(probabilities);
  const confidence = floatsLike(data, decisions.length);
  const correct = new Uint8Array(decisions.length);
  for (let row = 0; row < decisions.length; row++) {
    confidence[row] = data[row * width + decisions[row]!]!;
    correct[row] = decisions[row] === labels[row] ? 1 : 0;
  }
  return { confidence, correct };
}

/** One class against all others: its probability in every row, and whether it is the label. */
export function classOutcomes(probabilities: RowVectors, labels: ArrayLike<number>, index: number): Outcomes {
  const { width, data } = probabilities;
  const rows = rowCount(probabilities);
  const confidence = floatsLike(data, rows);
  const correct = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    confidence[row] = data[row * width + index]!;
    correct[row] = labels[row] === index ? 1 : 0;
  }
  return { confidence, correct };
}

/** Share of right predictions, with Wilson's interval. */
export function accuracyOf({ correct }: Pick<Outcomes, "correct">): Estimate {
  let right = 0;
  for (let row = 0; row < correct.length; row++) right += correct[row]!;
  return wilsonInterval(right, correct.length);
}
