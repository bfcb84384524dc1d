import { smallestProbability } from "./probabilities.ts";
import { checkLabels, type RowVectors, rowCount } from "./row-vectors.ts";

/**
 * Brier score (1950) of each row, [rows]: Σ over classes of (p - [class is the label])², between 0 and 2. With two classes it is twice
 * the square of the error of one, which some call the Brier score.
 *
 * @throws TableError naming the row whose label is no class
 */
export function brierScores({ width, data }: RowVectors, labels: ArrayLike<number>): Float64Array {
  checkLabels(labels, rowCount({ width, data }), width);
  const scores = new Float64Array(labels.length);
  for (let row = 0; row < labels.length; row++) {
    let squares = 0;
    for (let index = 0; index < width; index++) {
      squares += (data[row * width + index]! - (index === labels[row] ? 1 : 0)) ** 2;
    }
    scores[row] = squares;
  }
  return scores;
}

/**
 * Negative log-likelihood of each row in nats, [rows]: -ln of the probability of its label. A probability of 0 counts as
 * {@link smallestProbability} (87.3 nats), so that one row does not make the mean infinite.
 *
 * @throws TableError naming the row whose label is no class
 */
export function negativeLogLikelihoods({ width, data }: RowVectors, labels: ArrayLike<number>): Float64Array {
  checkLabels(labels, rowCount({ width, data }), width);
  const losses = new Float64Array(labels.length);
  for (let row = 0; row < labels.length; row++) {
    losses[row] = -Math.log(Math.max(data[row * width + labels[row]!]!, smallestProbability));
  }
  return losses;
}
