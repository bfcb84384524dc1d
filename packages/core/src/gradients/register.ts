import * as tf from "@tensorflow/tfjs-core";
import { arithmeticGradients } from "./arithmetic.ts";
import { constantGradients } from "./constant.ts";
import { convolutionGradients } from "./convolution.ts";
import { cumulativeGradients } from "./cumulative.ts";
import { einsumGradients } from "./einsum.ts";
import { elementwiseGradients } from "./elementwise.ts";
import { indexingGradients } from "./indexing.ts";
import { matmulGradients } from "./matmul.ts";
import { normalizationGradients } from "./normalization.ts";
import { poolingGradients } from "./pooling.ts";
import { reductionGradients } from "./reduction.ts";
import { resizeGradients } from "./resize.ts";
import type { GradientRule } from "./rule.ts";
import { shapeGradients } from "./shape.ts";
import { softmaxGradients } from "./softmax.ts";
import { windowGradients } from "./window.ts";

const smooth: readonly GradientRule[] = [
  ...arithmeticGradients,
  ...convolutionGradients,
  ...cumulativeGradients,
  ...einsumGradients,
  ...elementwiseGradients,
  ...indexingGradients,
  ...matmulGradients,
  ...normalizationGradients,
  ...poolingGradients,
  ...reductionGradients,
  ...resizeGradients,
  ...shapeGradients,
  ...softmaxGradients,
  ...windowGradients,
];

const namesOf = (rules: readonly GradientRule[]) => rules.map(({ kernelName }) => kernelName).sort();

/** Kernels through which a gradient flows, sorted. */
export const differentiableKernels: readonly string[] = namesOf(smooth);

/** Kernels that move in steps (comparisons, rounding, argmax, …): differentiable, with gradient 0. Sorted. */
export const constantKernels: readonly string[] = namesOf(constantGradients);

const rules: readonly GradientRule[] = [...smooth, ...constantGradients];

/**
 * Gives tfjs a gradient for every kernel that has none. In Node, `@tensorflow/tfjs-core` brings none at all; a rule that
 * the user or `@tensorflow/tfjs` registered stays, so this can be called at any time and any number of times.
 */
export function registerGradients(): void {
  for (const rule of rules) {
    if (!tf.getGradient(rule.kernelName)) tf.registerGradient(rule);
  }
}

/**
 * Calls a synchronous function with our rules in force, whatever is registered, and puts the others back. tfjs reads a
 * kernel's rule when the forward pass runs it, so what `f` differentiates gets the backward pass that the graph passes
 * are made for, and the user's own `tf.grad` elsewhere keeps the rules that the user chose.
 */
export function withGradients<Result>(f: () => Result): Result {
  const replaced = rules.flatMap((rule) => {
    const other = tf.getGradient(rule.kernelName) as GradientRule | undefined;
    return other === rule ? [] : [{ rule, other }];
  });
  for (const { rule } of replaced) tf.registerGradient(rule);
  try {
    return f();
  } finally {
    for (const { rule, other } of replaced) {
      if (other) tf.registerGradient(other);
      else tf.unregisterGradient(rule.kernelName);
    }
  }
}
