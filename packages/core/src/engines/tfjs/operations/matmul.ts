import * as tf from "@tensorflow/tfjs-core";
import type { Node } from "../../../graph/graph.ts";
import { sameShape } from "../../../graph/shapes.ts";
import { sizeOf } from "../../../host-tensor.ts";

/** Matrix products. Where both batches stretch, as of [2, 1] and [3], tfjs-cpu is wrong: it gets them stretched. */
export function matmul({ attributes, shape }: Node<"matmul">, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const batch = shape.slice(0, -2);
  const stretched = (x: tf.Tensor) => {
    const own = x.shape.slice(0, -2);
    const isPlain = sameShape(own, batch) || sizeOf(own) === 1;
    return isPlain ? x : tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
  };
  return tf.matMul(stretched(a), stretched(b), attributes.transposeA, attributes.transposeB);
}
