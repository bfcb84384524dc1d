import * as tf from "@tensorflow/tfjs-core";
import type { Node } from "../../../graph/graph.ts";

/** A strided window. A step backwards that ends before the first element has no end that tfjs could be told. */
export function slice({ attributes: { begin, size, strides } }: Node<"slice">, x: tf.Tensor): tf.Tensor {
  if (size.length === 0) return tf.clone(x);
  if (strides.every((stride) => stride === 1)) return tf.slice(x, [...begin], [...size]);
  const end = begin.map((first, axis) => first + (size[axis] as number) * (strides[axis] as number));
  const openEnds = end.reduce((mask, position, axis) => (position < 0 ? mask | (1 << axis) : mask), 0);
  return tf.stridedSlice(x, [...begin], end, [...strides], 0, openEnds);
}

/** The operand inside a border of one value. */
export function pad({ attributes: { before, after, value } }: Node<"pad">, x: tf.Tensor): tf.Tensor {
  if (before.length === 0) return tf.clone(x);
  return tf.pad(
    x,
    before.map((count, axis): [number, number] => [count, after[axis] as number]),
    value,
  );
}

/** Repeats along axes of size 1 and along new leading ones. */
export function broadcast({ attributes: { shape } }: Node<"broadcast">, x: tf.Tensor): tf.Tensor {
  return tf.broadcastTo(x, [...shape]);
}

/** Parts one after the other; tfjs wants at least one axis and none of the parts empty. */
export function concat({ attributes: { axis } }: Node<"concat">, parts: readonly tf.Tensor[]): tf.Tensor {
  const filled = parts.filter((part) => part.size > 0);
  return filled.length === 1 ? tf.clone(filled[0] as tf.Tensor) : tf.concat(filled, axis);
}

/** Adds updates at coordinates into zeros. */
export function scatterNd(
  { attributes: { shape }, dtype }: Node<"scatterNd">,
  indices: tf.Tensor,
  updates: tf.Tensor,
): tf.Tensor {
  if (updates.size === 0) return tf.zeros([...shape], dtype === "float32" ? "float32" : "int32");
  return tf.scatterND(indices, updates, [...shape]);
}
