import { cholesky, solveLower } from "./cholesky.ts";
import { ClassSums } from "./class-sums.ts";
import { type RowVectors, rowCount } from "./row-vectors.ts";

/** Normal distributions of features: one mean for each class, one covariance for all. */
export interface ClassGaussians {
  /** Features of a row. */
  readonly width: number;
  readonly classes: number;
  /** [classes, width]: L⁻¹·mean, where L·Lᵀ is the covariance within classes; NaN for a class without rows */
  readonly whiteMeans: Float64Array;
  /** [width, width] */
  readonly factor: Float64Array;
}

/** How {@link fitGaussians} fits. */
export interface GaussianOptions {
  /**
   * Added to the variances, as a share of their mean; 0 by default. Features that are constant or depend on each other, or more features
   * than rows, need some: 1e-6, say.
   */
  readonly ridge?: number;
  readonly name?: string;
}

/**
 * Fits means of classes and their common covariance (divided by the number of rows), as Lee et al. 2018.
 *
 * @param features [rows, width] of the training data, such as `pre_logits`
 * @throws TableError naming the row with a broken feature or label
 * @throws RangeError when the covariance is singular
 */
export function fitGaussians(
  features: RowVectors,
  labels: ArrayLike<number>,
  classes: number,
  options: GaussianOptions = {},
): ClassGaussians {
  return gaussiansOf(new ClassSums(features.width, classes).add(features, labels, options.name), options);
}

/** {@link fitGaussians} of features that were added up. @throws RangeError when the covariance is singular */
export function gaussiansOf(sums: ClassSums, { ridge = 0, name = "table" }: GaussianOptions = {}): ClassGaussians {
  const { width, classes } = sums;
  const factor = factorOf(sums.covariance(), width, ridge, name);
  const whiteMeans = sums.means();
  for (let index = 0; index < classes; index++) {
    solveLower(factor, width, whiteMeans.subarray(index * width, (index + 1) * width));
  }
  return { width, classes, whiteMeans, factor };
}

/**
 * Squared Mahalanobis distance of each row to the nearest class, [rows]: min over classes of (x - μ_c)ᵀ Σ⁻¹ (x - μ_c). Higher means further
 * out. With one class for all rows it is the distance to the data as a whole.
 *
 * @throws RangeError when the features are of another width
 */
export function mahalanobisScores(
  features: RowVectors,
  { width, classes, whiteMeans, factor }: ClassGaussians,
): Float64Array {
  if (features.width !== width) {
    throw new RangeError(
      `features of width ${features.width} for distributions of width ${width}; give the same features`,
    );
  }
  const scores = new Float64Array(rowCount(features)).fill(Number.POSITIVE_INFINITY);
  const white = new Float64Array(width);
  for (let row = 0; row < scores.length; row++) {
    white.set(features.data.subarray(row * width, (row + 1) * width));
    solveLower(factor, width, white);
    for (let index = 0; index < classes; index++) {
      let distance = 0;
      for (let k = 0, at = index * width; k < width; k++, at++) distance += (white[k]! - whiteMeans[at]!) ** 2;
      if (distance < scores[row]!) scores[row] = distance;
    }
  }
  return scores;
}

/**
 * Relative Mahalanobis score (Ren et al. 2021), [rows]: the distance to the nearest class minus the distance to the data as a whole, which
 * takes out directions in which all data vary alike.
 *
 * @param background the same training features fitted with one class for all, as {@link fitGaussians} of labels that are all 0
 */
export function relativeMahalanobisScores(
  features: RowVectors,
  gaussians: ClassGaussians,
  background: ClassGaussians,
): Float64Array {
  const whole = mahalanobisScores(features, background);
  return mahalanobisScores(features, gaussians).map((distance, row) => distance - whole[row]!);
}

function factorOf(covariance: Float64Array, width: number, ridge: number, name: string): Float64Array {
  let trace = 0;
  for (let i = 0; i < width; i++) trace += covariance[i * width + i]!;
  for (let i = 0; i < width; i++) covariance[i * width + i]! += (ridge * trace) / width;
  const factor = cholesky(covariance, width);
  if (factor instanceof Float64Array) return factor;
  throw new RangeError(
    `${name}: the covariance of ${width} features is singular at feature ${factor.failedAt}: it is constant or depends on those before it, ` +
      "or there are fewer rows than features; give a ridge, 1e-6 for instance",
  );
}
