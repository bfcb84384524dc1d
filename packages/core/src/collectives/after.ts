import * as tf from "@tensorflow/tfjs-core";
import { runKernel } from "../gradients/rule.ts";
import { withGradient } from "../nn/custom-gradient.ts";
import { isRecording } from "../trace/record.ts";

/**
 * x, which a compiled program does not use before `others` are computed: so that a transfer that could start at once, as its
 * operand is there from the beginning, starts when its result is soon needed and not earlier. Eagerly it is x. The gradient
 * passes through.
 */
export function after(x: tf.Tensor, ...others: readonly tf.Tensor[]): tf.Tensor {
  if (!isRecording() || others.length === 0) return x;
  const inputs = Object.fromEntries(others.map((other, i) => [`after${i}`, other]));
  return withGradient(
    [x] as const,
    (x) => ({ value: runKernel("Barrier", { x, ...inputs }, {}), save: [] }),
    (dy) => [tf.clone(dy)] as const,
  );
}
