import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../host-tensor.ts";
import { sumToShape } from "./broadcast.ts";
import { type GradientRule, rule } from "./rule.ts";

/** A tensor as the matrix of its last two axes, the leading ones (of rows) collapsed into the first. */
const asMatrix = (x: tf.Tensor) => (x.rank === 2 ? x : tf.reshape(x, [-1, x.shape[x.rank - 1] as number]));

/**
 * Matrix product over the last two axes, `y = op(a)·op(b)` where op transposes or not. The transposes of the gradient are
 * flags of its products. Where one matrix b multiplies a whole batch (a linear layer), the batch collapses into rows, so
 * that b's gradient is one long product instead of a batch of them and a sum.
 */
export const matmulGradients: readonly GradientRule[] = [
  rule<tf.BatchMatMulAttrs>(
    "BatchMatMul",
    { inputs: ["a", "b"] },
    (batchedDy, [batchedA, batchedB], { transposeA, transposeB }) => {
      const [givenA, givenB] = [batchedA as tf.Tensor, batchedB as tf.Tensor];
      const isSharedMatrix = !transposeA && sizeOf(givenB.shape.slice(0, -2)) === 1 && batchedDy.rank > 2;
      // [..., N, D]·[D, M] → [..., N, M] as [...N, D]·[D, M] → [...N, M]; an empty batch has no such -1.
      const collapse = isSharedMatrix && batchedDy.size > 0 && givenA.size > 0 && givenB.size > 0;
      const [dy, a, b] = collapse
        ? ([batchedDy, givenA, givenB].map(asMatrix) as [tf.Tensor, tf.Tensor, tf.Tensor])
        : [batchedDy, givenA, givenB];
      const fit = (gradient: tf.Tensor, like: tf.Tensor) =>
        collapse ? tf.reshape(gradient, like.shape) : sumToShape(gradient, like.shape);
      return {
        a: () => fit(transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB), givenA),
        b: () => fit(transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false), givenB),
      };
    },
  ),
];
