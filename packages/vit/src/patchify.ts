import * as tf from "@tensorflow/tfjs-core";
import { patchGrid } from "./config.ts";

/**
 * Cuts images [batch, side, side, channels] into patches [batch, grid², patchSide²·channels].
 *
 * Patches go row by row; the values of a patch too, with channels fastest, which is the order of a convolution kernel
 * [patchSide, patchSide, channels, width] that is flattened to two axes. The patch embedding is then one product.
 */
export function patchify(images: tf.Tensor, patchSide: number): tf.Tensor {
  const [batch, side, , channels] = images.shape as [number, number, number, number];
  const grid = patchGrid(side, patchSide);
  const cells = tf.reshape(images, [batch, grid, patchSide, grid, patchSide * channels]);
  const patches = tf.transpose(cells, [0, 1, 3, 2, 4]); // [batch, row, column, pixel row, pixel column·channel]
  return tf.reshape(patches, [batch, grid * grid, patchSide * patchSide * channels]);
}
