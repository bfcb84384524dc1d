import * as tf from "@tensorflow/tfjs-core";
import { cases, type GradientCase } from "./case.ts";

/** Swaps the last two axes of `"[2,3]"` or `"[4,2,3]"`. */
const swap = (shape: string) => shape.replace(/(\d+),(\d+)\]$/, "$2,$1]");

/** a and b of an untransposed product, and whether tfjs gets its gradient right: it does not sum over broadcast batches. */
const pairs = [
  ["[2,3]", "[3,4]", true],
  ["[1,1]", "[1,1]", true],
  ["[2,0]", "[0,3]", true],
  ["[2,2,3]", "[2,3,4]", true],
  ["[2,2,2,3]", "[2,2,3,4]", true],
  ["[2,2,3]", "[3,4]", false],
  ["[2,2,2,3]", "[1,3,4]", false],
  ["[2,3]", "[2,3,4]", false],
] as const;

const flags = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

/** Matrix products with every pair of transposes, batched, and with one matrix for a whole batch. */
export const matmulCases: readonly GradientCase[] = flags.flatMap(([transposeA, transposeB]) =>
  pairs.flatMap(([a, b, isRight]) =>
    cases(
      "BatchMatMul",
      (x, y) => tf.matMul(x, y, transposeA, transposeB),
      [`${transposeA ? swap(a) : a} ${transposeB ? swap(b) : b}`],
      { note: `${transposeA ? "aT" : "a"}·${transposeB ? "bT" : "b"}`, ...(isRight ? {} : { peer: "throws" }) },
    ),
  ),
);

/**
 * Sums of products by subscripts. tfjs-cpu's kernel is wrong where one of two operands has a label that is neither in the
 * other nor in the result, so such labels appear with a single operand here.
 */
export const einsumCases: readonly GradientCase[] = (
  [
    ["ij,jk->ik", "[2,3] [3,4]"],
    ["bij,bjk->bik", "[2,2,3] [2,3,2]"],
    ["bnd,de->bne", "[2,2,3] [3,4]"],
    ["ij,kj->ki", "[2,3] [4,3]"],
    ["i,j->ij", "[2] [3]"],
    ["i,i->", "[3] [3]"],
    ["ij->ji", "[2,3]"],
    ["ijk->j", "[2,3,2]"],
  ] as const
).flatMap(([equation, shapes]) =>
  cases("Einsum", (...operands: tf.Tensor[]) => tf.einsum(equation, ...operands), [shapes], {
    note: equation,
    peer: "absent",
  }),
);
