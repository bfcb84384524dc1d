import * as tf from "@tensorflow/tfjs-core";
import { withGradient } from "./custom-gradient.ts";

/** `tanh` is the approximation that JAX and big_vision use, `erf` the exact form that PyTorch and timm use. */
export type GeluForm = "tanh" | "erf";

// ½(1 + tanh u) = sigmoid(2u), here with 2u = x·(c₁ + c₃x²).
const linearTerm = 2 * Math.sqrt(2 / Math.PI);
const cubicTerm = linearTerm * 0.044715;

/** P(x), the share of x that passes: the (approximate) normal distribution function. */
const gates = {
  tanh: (x: tf.Tensor) => tf.sigmoid(tf.mul(x, tf.add(tf.mul(tf.square(x), cubicTerm), linearTerm))),
  erf: (x: tf.Tensor) => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5),
} satisfies { [form in GeluForm]: (x: tf.Tensor) => tf.Tensor };

/** d(x·P)/dx = P + x·P′. */
const slopes = {
  // P′ = P·(1 - P)·d(2u)/dx
  tanh: (x: tf.Tensor) => {
    const gate = gates.tanh(x);
    const inner = tf.add(tf.mul(tf.square(x), 3 * cubicTerm), linearTerm);
    return tf.mul(gate, tf.add(tf.mul(tf.mul(x, inner), tf.sub(1, gate)), 1));
  },
  // P′ = the normal density
  erf: (x: tf.Tensor) => {
    const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return tf.add(gates.erf(x), tf.mul(x, density));
  },
} satisfies { [form in GeluForm]: (x: tf.Tensor) => tf.Tensor };

/**
 * Gaussian error linear unit (Hendrycks & Gimpel 2016), x·P(X ≤ x) for a standard normal X.
 *
 * gelu(1) is 0.8411920 as `tanh` and 0.8413447 as `erf`. Saves x only, and computes the rest again.
 */
export function gelu(x: tf.Tensor, form: GeluForm): tf.Tensor {
  if (!Object.hasOwn(gates, form))
    throw new TypeError(`the form of a GELU is "tanh" or "erf", not ${JSON.stringify(form)}`);
  return withGradient(
    [x] as const,
    (x) => ({ value: tf.mul(x, gates[form](x)), save: [x] }),
    (dy, [x]) => [tf.mul(dy, slopes[form](x as tf.Tensor))] as const,
  );
}
