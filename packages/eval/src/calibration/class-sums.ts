import { checkFinite, checkLabels, type RowVectors, rowCount } from "./row-vectors.ts";

/**
 * What means and covariances of labelled features need of them, over rows that come in parts: sums of features by class, and of products of all
 * pairs of features. Memory for [classes, width] and [width, width] numbers, however many rows there are.
 *
 * Differences to the first row are summed, so that a mean that is large beside the deviations costs no digits.
 */
export class ClassSums {
  /** [classes] rows */
  readonly #counts: Float64Array;
  /** [classes, width] */
  readonly #sums: Float64Array;
  /** [width, width], its lower triangle */
  readonly #products: Float64Array;
  readonly #origin: Float64Array;
  #rows = 0;

  constructor(
    readonly width: number,
    readonly classes: number,
  ) {
    this.#counts = new Float64Array(classes);
    this.#sums = new Float64Array(classes * width);
    this.#products = new Float64Array(width * width);
    this.#origin = new Float64Array(width);
  }

  /** Rows that were added. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Adds rows. Returns itself.
   *
   * @throws TableError naming the row with a broken feature or label, RangeError for features of another width
   */
  add(features: RowVectors, labels: ArrayLike<number>, name = "table"): this {
    const { width } = this;
    const rows = rowCount(features);
    if (features.width !== width) {
      throw new RangeError(
        `features of width ${features.width} beside others of width ${width}; give the same features`,
      );
    }
    checkLabels(labels, rows, this.classes, name);
    checkFinite(features, "feature", name);
    if (this.#rows === 0 && rows > 0) this.#origin.set(features.data.subarray(0, width));
    const [own, sums, products] = [new Float64Array(width), this.#sums, this.#products];
    for (let row = 0; row < rows; row++) {
      const start = labels[row]! * width;
      this.#counts[labels[row]!]!++;
      for (let i = 0; i < width; i++) {
        const value = features.data[row * width + i]! - this.#origin[i]!;
        own[i] = value;
        sums[start + i]! += value;
        for (let k = 0, at = i * width; k <= i; k++, at++) products[at]! += value * own[k]!;
      }
    }
    this.#rows += rows;
    return this;
  }

  /** The mean of each class, [classes, width]; NaN for a class without rows. */
  means(): Float64Array {
    return this.#sums.map((sum, i) => sum / this.#counts[Math.floor(i / this.width)]! + this.#origin[i % this.width]!);
  }

  /** The covariance around the means of classes, divided by the number of rows: [width, width], its lower triangle. */
  covariance(): Float64Array {
    const { width } = this;
    const covariance = this.#products.slice();
    for (const [index, count] of this.#counts.entries()) {
      if (count === 0) continue;
      const own = this.#sums.subarray(index * width, (index + 1) * width);
      for (let i = 0; i < width; i++) {
        const mean = own[i]! / count;
        for (let k = 0, at = i * width; k <= i; k++, at++) covariance[at]! -= mean * own[k]!;
      }
    }
    return covariance.map((sum) => sum / this.#rows);
  }

  /** The same sums as if all rows were of one class. */
  pooled(): ClassSums {
    const { width, classes } = this;
    const pooled = new ClassSums(width, 1);
    pooled.#rows = this.#rows;
    pooled.#counts[0] = this.#rows;
    pooled.#origin.set(this.#origin);
    pooled.#products.set(this.#products);
    for (let i = 0; i < classes * width; i++) pooled.#sums[i % width]! += this.#sums[i]!;
    return pooled;
  }
}
