import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../host-tensor.ts";

/**
 * A linear map of one axis as a matrix [to, from]: `row(i, add)` says with which weights output i reads the inputs.
 * Weights given for the same input add up.
 */
export function axisMatrix(
  from: number,
  to: number,
  row: (i: number, add: (input: number, weight: number) => void) => void,
): tf.Tensor2D {
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    row(i, (input, weight) => {
      matrix[i * from + input] = (matrix[i * from + input] as number) + weight;
    });
  }
  return tf.tensor2d(matrix, [to, from]);
}

/**
 * The transpose of a map that acts on each spatial axis of [B, …spatial, C] by its own matrix, such as resizing
 * (Y = R·X·Cᵀ for every channel) and mean pooling: dX = Rᵀ·dY·C. One product with a small constant matrix for each axis,
 * which every engine has, where the kernels that tfjs has for it exist on few backends and disagree between them.
 */
export function transposedAxisMaps(dy: tf.Tensor, matrices: readonly tf.Tensor2D[]): tf.Tensor {
  return matrices.reduce((gradient, matrix, i) => {
    const [to, from] = matrix.shape;
    const outer = gradient.shape.slice(0, i + 1);
    const inner = gradient.shape.slice(i + 2);
    const rows = tf.reshape(gradient, [sizeOf(outer), to, sizeOf(inner)]);
    return tf.reshape(tf.matMul(matrix, rows, true, false), [...outer, from, ...inner]);
  }, dy);
}
