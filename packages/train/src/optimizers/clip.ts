import * as tf from "@tensorflow/tfjs-core";
import { treeFlatten, treeUnflatten } from "@vitscale/core";

/**
 * Euclidean norm over all tensors of a tree of float32 tensors.
 *
 * Squares are summed row by row, then within each tensor, then over tensors: one long float32 sum loses digits (600 million ones
 * summed in order stop at 2^27).
 *
 * @returns float32 scalar
 */
export function globalNorm(tree: unknown): tf.Scalar {
  const { leaves } = treeFlatten<tf.Tensor>(tree);
  return tf.sqrt(tf.sum(tf.stack(leaves.map(sumOfSquares))));
}

function sumOfSquares(tensor: tf.Tensor): tf.Tensor {
  const squares = tf.square(tensor);
  return tf.sum(tensor.rank > 1 ? tf.sum(squares, -1) : squares);
}

/**
 * Scales all gradients by one factor, `max / norm`, where their global norm is above `max`; leaves them as they are below.
 *
 * @returns the gradients, and their norm before clipping
 */
export function clipByGlobalNorm<Gradients>(
  gradients: Gradients,
  max: number,
): { gradients: Gradients; norm: tf.Scalar } {
  const norm = globalNorm(gradients);
  return { gradients: clipByNorm(gradients, norm, max), norm };
}

/** The same for gradients whose global norm is known, as where other ranks have parts of them. */
export function clipByNorm<Gradients>(gradients: Gradients, norm: tf.Tensor, max: number): Gradients {
  // Exactly 1 below the limit, and never a division by zero.
  const factor = tf.div(max, tf.maximum(norm, max));
  const { leaves, structure } = treeFlatten<tf.Tensor>(gradients);
  const clipped = leaves.map((leaf) => tf.mul(leaf, factor));
  return treeUnflatten(structure, clipped) as Gradients;
}
