import { checkFeatures, type Features } from "./features.ts";
import { type Evaluation, type LbfgsOptions, lbfgs, type Minimum } from "./lbfgs.ts";
import { featureStatistics, type LinearClassifier, standardized } from "./standardize.ts";

/** A convex linear probe. */
export interface SoftmaxRegression {
  readonly classifier: LinearClassifier;
  /** Kernel and bias for standardised features, one after the other: where another fit can begin. */
  readonly minimum: Minimum;
}

/** Options of {@link softmaxRegression}. */
export interface SoftmaxRegressionOptions extends LbfgsOptions {
  /** Where to begin, the `point` of another fit; zeros by default. The minimum is the same. */
  readonly start?: Float64Array;
}

/**
 * Multinomial logistic regression on standardised features: the minimum of mean cross-entropy + l2/2 · |W|², with a free bias, by
 * L-BFGS in double precision. The minimum is unique, so any other solver must find the same value.
 *
 * @param l2 weight of the penalty, 0 or more; scikit-learn's C is 1 / (images · l2)
 * @throws RangeError for broken features, naming the row, and a negative penalty
 */
export async function softmaxRegression(
  train: Features,
  l2: number,
  { start, ...options }: SoftmaxRegressionOptions = {},
): Promise<SoftmaxRegression> {
  const { width } = checkFeatures(train, "training features");
  if (!(l2 >= 0)) throw new RangeError(`l2 is ${l2}; give a penalty of 0 or more`);
  const statistics = featureStatistics(train.vectors);
  const x = standardized(train.vectors, statistics);
  const size = width * train.classes;
  const point = start ?? new Float64Array(size + train.classes);
  const minimum = await lbfgs((weights) => meanCrossEntropy(x, train, width, weights, l2), point, options);
  const [kernel, bias] = [minimum.point.subarray(0, size), minimum.point.subarray(size)];
  return { classifier: { kernel, bias, statistics }, minimum };
}

/** The objective and its gradient at `weights`: kernel [width, classes], then bias [classes]. */
function meanCrossEntropy(
  x: Float64Array,
  { labels, classes }: Features,
  width: number,
  weights: Float64Array,
  l2: number,
): Evaluation {
  const gradient = new Float64Array(weights.length);
  const biasStart = width * classes;
  const rows = labels.length;
  const logits = new Float64Array(classes);
  let value = 0;
  for (let row = 0; row < rows; row++) {
    logits.set(weights.subarray(biasStart));
    for (let i = 0; i < width; i++) {
      const feature = x[row * width + i]!;
      for (let label = 0; label < classes; label++) logits[label]! += feature * weights[i * classes + label]!;
    }
    value += replaceByResidual(logits, labels[row]!) / rows;
    for (let i = 0; i < width; i++) {
      const feature = x[row * width + i]! / rows;
      for (let label = 0; label < classes; label++) gradient[i * classes + label]! += feature * logits[label]!;
    }
    for (let label = 0; label < classes; label++) gradient[biasStart + label]! += logits[label]! / rows;
  }
  for (let i = 0; i < biasStart; i++) {
    value += (l2 / 2) * weights[i]! ** 2;
    gradient[i]! += l2 * weights[i]!;
  }
  return { value, gradient };
}

/** Writes softmax(logits) − onehot(label) over the logits, and returns the cross-entropy. */
function replaceByResidual(logits: Float64Array, label: number): number {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const own = logits[label]! - most;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    logits[i] = Math.exp(logits[i]! - most);
    sum += logits[i]!;
  }
  for (let i = 0; i < logits.length; i++) logits[i]! /= sum;
  logits[label]! -= 1;
  return Math.log(sum) - own;
}
