import * as tf from "@tensorflow/tfjs-core";
import { type GradientRule, rule } from "./rule.ts";

/**
 * Softmax over the last axis in closed form, from the probabilities alone: dx = y ⊙ (dy - Σ dy ⊙ y).
 * (`tf.logSoftmax` is a composition with its own gradient; no kernel needs a rule for it.)
 */
export const softmaxGradients: readonly GradientRule[] = [
  rule<tf.SoftmaxAttrs>("Softmax", { outputs: [true] }, (dy, [saved], { dim }) => {
    const y = saved as tf.Tensor;
    return { logits: () => tf.mul(y, tf.sub(dy, tf.sum(tf.mul(dy, y), dim, true))) };
  }),
];
