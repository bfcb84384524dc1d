import type { Vectors } from "./features.ts";

/** Mean and standard deviation of each feature, over images; deviations are the population's plus 1e-5, as in big_vision. */
export interface FeatureStatistics {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** The statistics of features [images, width]. */
export function featureStatistics({ shape, data }: Vectors): FeatureStatistics {
  const [rows = 0, width = 0] = shape;
  const mean = new Float64Array(width);
  for (let i = 0; i < data.length; i++) mean[i % width]! += data[i]! / rows;
  const deviation = new Float64Array(width);
  for (let i = 0; i < data.length; i++) deviation[i % width]! += (data[i]! - mean[i % width]!) ** 2 / rows;
  return { mean, deviation: deviation.map((variance) => Math.sqrt(variance) + 1e-5) };
}

/** (feature − mean) / deviation, in double precision, with `bias` as a last column where it is given: [images, width (+ 1)]. */
export function standardized(
  { shape, data }: Vectors,
  { mean, deviation }: FeatureStatistics,
  bias?: number,
): Float64Array {
  const [rows = 0, width = 0] = shape;
  const columns = bias === undefined ? width : width + 1;
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) {
      values[row * columns + i] = (data[row * width + i]! - mean[i]!) / deviation[i]!;
    }
    if (bias !== undefined) values[row * columns + width] = bias;
  }
  return values;
}

/** A linear classifier: scores = features · kernel + bias, of features standardised first where it has statistics. */
export interface LinearClassifier {
  /** [width, classes], row after row. */
  readonly kernel: Float64Array;
  /** [classes] */
  readonly bias: Float64Array;
  /** Of the features that it was fitted to. Folded into the kernel they would cost all digits where a feature was constant. */
  readonly statistics?: FeatureStatistics;
}
