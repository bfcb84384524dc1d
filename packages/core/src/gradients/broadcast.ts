import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../host-tensor.ts";

/** Zeros in float32; recorded as a fill, where `tf.zeros` would allocate them. */
export function zeros(shape: readonly number[]): tf.Tensor {
  return tf.fill([...shape], 0, "float32");
}

/** The shape of a reduction's result before it drops the reduced axes, which have size 1 here. */
export function keptShape(shape: readonly number[], axes: readonly number[]): number[] {
  return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

/** tfjs's axis attribute (one, several, or none for all; negative from the end) as non-negative axes. */
export function axesOf(axis: number | number[] | null | undefined, shape: readonly number[]): number[] {
  return tf.util.parseAxisParam(axis as number[], [...shape]);
}

/**
 * Sums x over the axes along which a tensor of `shape` was broadcast to x's shape: the transpose of broadcasting.
 * Only those axes are reduced, and there is no reshape unless an axis of size 1 must stay while others go.
 */
export function sumToShape(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const missing = x.rank - shape.length;
  const stretched = shape.flatMap((size, axis) =>
    size === 1 && x.shape[axis + missing] !== 1 ? [axis + missing] : [],
  );
  const leading = Array.from({ length: missing }, (_, axis) => axis);
  if (stretched.length === 0) return missing === 0 ? tf.clone(x) : tf.sum(x, leading);
  const summed = tf.sum(x, [...leading, ...stretched], true);
  return missing === 0 ? summed : tf.reshape(summed, [...shape]);
}

/** Repeats x along its axes of size 1 up to `shape`, which has x's rank and may be empty. */
export function broadcast(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  return sizeOf(shape) === 0 ? zeros(shape) : tf.broadcastTo(x, [...shape]);
}
