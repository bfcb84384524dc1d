import type { Tensor } from "@tensorflow/tfjs-core";
import { zeros } from "./broadcast.ts";
import { type GradientRule, rule } from "./rule.ts";

/** Kernels whose value moves in steps, with their inputs: their derivative is 0 wherever it exists. */
const inputsOf: { readonly [kernel: string]: readonly string[] } = {
  All: ["x"],
  Any: ["x"],
  ArgMax: ["x"],
  ArgMin: ["x"],
  BitwiseAnd: ["a", "b"],
  Ceil: ["x"],
  Equal: ["a", "b"],
  Floor: ["x"],
  FloorDiv: ["a", "b"],
  Greater: ["a", "b"],
  GreaterEqual: ["a", "b"],
  IsFinite: ["x"],
  IsInf: ["x"],
  IsNan: ["x"],
  Less: ["a", "b"],
  LessEqual: ["a", "b"],
  LogicalAnd: ["a", "b"],
  LogicalNot: ["x"],
  LogicalOr: ["a", "b"],
  NotEqual: ["a", "b"],
  OneHot: ["indices"],
  OnesLike: ["x"],
  Round: ["x"],
  SearchSorted: ["sortedSequence", "values"],
  Sign: ["x"],
  Step: ["x"],
  ZerosLike: ["x"],
};

/**
 * Rules that stop the gradient. Without them tfjs refuses to differentiate a loss that contains, say, a comparison
 * between its inputs.
 */
export const constantGradients: readonly GradientRule[] = Object.entries(inputsOf).map(([kernel, inputs]) =>
  rule(kernel, { inputs }, (_, saved) =>
    Object.fromEntries(inputs.map((name, i) => [name, () => zeros((saved[i] as Tensor).shape)])),
  ),
);
