import * as tf from "@tensorflow/tfjs-core";
import type { Labels } from "./losses.ts";

/** Mean and standard deviation of pixels on a scale of 0 to 1, one number for each channel or one for all. */
export interface PixelStatistics {
  readonly mean: number | readonly number[];
  readonly deviation: number | readonly number[];
}

/** Maps 0 … 255 to −1 … 1, as ViT-G and ViT-22B do. */
export const unitRange: PixelStatistics = { mean: 0.5, deviation: 0.5 };

/**
 * Images as a model reads them: float32, `(pixel / 255 − mean) / deviation`.
 *
 * Bytes travel from the data pipeline to the engine (a quarter of the copies), so they are normalised here, inside the step. Images
 * that are float32 already were normalised by the pipeline and stay as they are.
 *
 * @param images [batch, height, width, channels], int32 from bytes 0 … 255, or float32
 */
export function normalizeImages(images: tf.Tensor, { mean, deviation }: PixelStatistics = unitRange): tf.Tensor4D {
  if (images.dtype === "float32") return images as tf.Tensor4D;
  const scale = perChannel(deviation, (value) => 1 / (255 * value));
  const offset = tf.mul(
    perChannel(mean, (value) => 255 * value),
    scale,
  );
  return tf.sub(tf.mul(tf.cast(images, "float32"), scale), offset);
}

/**
 * Mixes every example with its neighbour in the batch: `c·x_i + (1 − c)·x_{i−1}`, labels alike (Zhang et al. 2018, with one
 * coefficient for the whole batch as in big_vision).
 *
 * @param images float32 [batch, ...]
 * @param labels int32 [batch] or float32 [batch, classes]
 * @param coefficient scalar in [0, 1]; 1 leaves the batch as it is
 * @returns the mixed images, and labels as float32 [batch, classes]
 */
export function mixExamples(
  images: tf.Tensor,
  labels: Labels,
  { coefficient, classes }: { readonly coefficient: tf.Tensor; readonly classes: number },
): { images: tf.Tensor; labels: tf.Tensor2D } {
  const weights = labels.rank === 1 ? tf.oneHot(labels as tf.Tensor1D, classes, 1, 0, "float32") : labels;
  return {
    images: mixWithNeighbour(images, coefficient),
    labels: mixWithNeighbour(weights, coefficient) as tf.Tensor2D,
  };
}

function mixWithNeighbour(tensor: tf.Tensor, coefficient: tf.Tensor): tf.Tensor {
  const [batch = 0] = tensor.shape;
  const neighbours = tf.concat([tf.slice(tensor, batch - 1, 1), tf.slice(tensor, 0, batch - 1)]);
  return tf.add(tf.mul(tensor, coefficient), tf.mul(neighbours, tf.sub(1, coefficient)));
}

function perChannel(values: number | readonly number[], f: (value: number) => number): tf.Tensor {
  return typeof values === "number" ? tf.scalar(f(values)) : tf.tensor1d(values.map(f));
}
