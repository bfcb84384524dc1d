import * as tf from "@tensorflow/tfjs-core";
import { TracedAssignmentError } from "./errors.ts";

/** The optimizers of tfjs; each has an `applyGradients` of its own. */
const optimizers = (Object.values(tf) as unknown[]).filter(
  (value): value is typeof tf.Optimizer => typeof value === "function" && value.prototype instanceof tf.Optimizer,
);

/**
 * Makes assignments to variables throw {@link TracedAssignmentError} while tensors are recorded, before anything changes: one would free
 * the variable's values and put a traced tensor in their place, and an optimizer keep traced tensors for its moments.
 */
export function refuseAssignments(isRecording: () => boolean): void {
  const { assign } = tf.Variable.prototype;
  tf.Variable.prototype.assign = function (this: tf.Variable, value) {
    if (isRecording()) throw new TracedAssignmentError(this.name);
    assign.call(this, value);
  };
  for (const { prototype } of optimizers) {
    const { applyGradients } = prototype;
    prototype.applyGradients = function (this: tf.Optimizer, gradients) {
      const [first] = Array.isArray(gradients) ? gradients.map(({ name }) => name) : Object.keys(gradients);
      if (isRecording() && first !== undefined) throw new TracedAssignmentError(first);
      applyGradients.call(this, gradients);
    };
  }
}
