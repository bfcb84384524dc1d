import * as tf from "@tensorflow/tfjs-core";
import { bools, floats, type Input, ints, small } from "../support/inputs.ts";
import { type KernelCase, on, wrongly } from "./case.ts";

const matrix = (a: number[], b: number[], transposeA = false, transposeB = false, make = floats) =>
  on(
    "BatchMatMul",
    `${transposeA ? "aᵀ" : "a"}·${transposeB ? "bᵀ" : "b"}`,
    (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, transposeA, transposeB),
    make(...a),
    make(...b),
  );
const fused = (activation: tf.fused.Activation, ...rest: Input[]) =>
  on(
    "_FusedMatMul",
    activation,
    (a: tf.Tensor2D, b: tf.Tensor2D, bias?: tf.Tensor, weights?: tf.Tensor) =>
      tf.fused.matMul({
        a,
        b,
        activation,
        leakyreluAlpha: 0.3,
        ...(bias ? { bias } : {}),
        ...(weights ? { preluActivationWeights: weights } : {}),
      }),
    floats(3, 4),
    floats(4, 2),
    ...rest,
  );
const einsum = (equation: string, ...inputs: Input[]) =>
  on("Einsum", equation, (...tensors: tf.Tensor[]) => tf.einsum(equation, ...tensors), ...inputs);

/** The batches [2, 1] and [3], which tfjs-cpu does not stretch against each other. */
const stretched = (transposeA: boolean, transposeB: boolean) => {
  const full = (x: tf.Tensor) => tf.broadcastTo(x, [2, 3, ...x.shape.slice(-2)]);
  return wrongly(
    matrix(transposeA ? [2, 1, 4, 3] : [2, 1, 3, 4], transposeB ? [3, 5, 4] : [3, 4, 5], transposeA, transposeB),
    (a: tf.Tensor, b: tf.Tensor) => tf.matMul(full(a), full(b), transposeA, transposeB),
  );
};

/** Products of matrices. */
export const productCases: readonly KernelCase[] = [
  ...[false, true].flatMap((ta) =>
    [false, true].flatMap((tb) => [
      matrix(ta ? [4, 3] : [3, 4], tb ? [5, 4] : [4, 5], ta, tb),
      matrix(ta ? [2, 4, 3] : [2, 3, 4], tb ? [2, 5, 4] : [2, 4, 5], ta, tb),
      stretched(ta, tb),
      matrix(ta ? [4, 3] : [3, 4], tb ? [5, 4] : [4, 5], ta, tb, small),
      matrix(ta ? [0, 3] : [3, 0], tb ? [5, 0] : [0, 5], ta, tb),
      matrix(ta ? [4, 0] : [0, 4], tb ? [5, 4] : [4, 5], ta, tb),
      matrix(ta ? [2, 0, 3] : [2, 3, 0], tb ? [2, 5, 0] : [2, 0, 5], ta, tb),
      matrix(ta ? [1, 1] : [1, 1], tb ? [5, 1] : [1, 5], ta, tb),
    ]),
  ),
  fused("linear"),
  fused("relu", floats(2)),
  fused("relu6", floats(3, 2)),
  fused("elu", floats(2)),
  fused("sigmoid", floats(2)),
  fused("leakyrelu", floats(2)),
  fused("prelu", floats(2), floats(1, 2)),
  einsum("ij,jk->ik", floats(2, 3), floats(3, 4)),
  einsum("bij,bjk->bik", floats(2, 3, 4), floats(2, 4, 5)),
  einsum("bhqd,bhkd->bhqk", floats(2, 3, 4, 5), floats(2, 3, 2, 5)),
  einsum("ij,kj->ik", bools(2, 3), bools(4, 3)),
  einsum("i,j->ij", bools(2), bools(3)),
  einsum("ij->i", bools(2, 3)),
  einsum("ij->ji", bools(2, 3)),
  einsum("ij,jk->ik", ints(2, 3), floats(3, 4)),
  einsum("ij->ji", floats(2, 3)),
  einsum("ij->", floats(2, 3)),
  einsum("ij->j", floats(2, 3)),
  einsum("i,j->ij", floats(2), floats(3)),
  einsum("ij,ij->", floats(2, 3), floats(2, 3)),
  // A subscript of one operand alone, tfjs-cpu does not sum.
  wrongly(einsum("ij,jk->k", floats(2, 3), floats(3, 4)), (a: tf.Tensor, b: tf.Tensor) =>
    tf.sum(tf.mul(tf.reshape(tf.sum(a, 0), [3, 1]), b), 0),
  ),
  einsum("ijk,k->ij", floats(2, 3, 4), floats(4)),
  einsum("ij,kj->ik", floats(2, 0), floats(3, 0)),
];
