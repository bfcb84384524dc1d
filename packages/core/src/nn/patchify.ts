import * as tf from "@tensorflow/tfjs-core";

/**
 * Cuts images [batch, height, width, channels] into square patches [batch, patches, patchSide²·channels], patches row by
 * row, and within one row by row with channels last: the order of a convolution kernel [patchSide, patchSide, channels, …]
 * reshaped to a matrix. A linear layer on the result is that convolution with stride patchSide, as one matrix product.
 *
 * @throws RangeError when the sides are not multiples of the patch side.
 */
export function patchify(images: tf.Tensor, patchSide: number): tf.Tensor {
  const [batch, height, width, channels] = images.shape as [number, number, number, number];
  if (images.rank !== 4 || height % patchSide !== 0 || width % patchSide !== 0) {
    throw new RangeError(
      `images are [batch, height, width, channels] with sides that are multiples of the patch side ${patchSide}, ` +
        `but [${images.shape}] was given; resize or crop them`,
    );
  }
  const [rows, columns] = [height / patchSide, width / patchSide];
  return tf.tidy(() => {
    const split = tf.reshape(images, [batch, rows, patchSide, columns, patchSide * channels]);
    const patches = tf.transpose(split, [0, 1, 3, 2, 4]);
    return tf.reshape(patches, [batch, rows * columns, patchSide * patchSide * channels]);
  });
}
