import * as tf from "@tensorflow/tfjs-core";
export function linear(x: tf.Tensor, { kernel, bias }: { kernel: tf.Tensor; bias?: tf.Tensor }): tf.Tensor {
  const inner = x.shape.at(-1)!;
  const y = tf.reshape(tf.matMul(tf.reshape(x, [-1, inner]) as tf.Tensor2D, kernel as tf.Tensor2D), [
    ...x.shape.slice(0, -1),
    kernel.shape[1]!,
  ]);
  return bias ? tf.add(y, bias) : y;
}
export function layerNorm(
  x: tf.Tensor,
  { scale, bias }: { scale: tf.Tensor; bias?: tf.Tensor },
  { epsilon = 1e-6 } = {},
): tf.Tensor {
  const c = tf.sub(x, tf.mean(x, -1, true));
  const y = tf.mul(tf.mul(c, tf.rsqrt(tf.add(tf.mean(tf.square(c), -1, true), epsilon))), scale);
  return bias ? tf.add(y, bias) : y;
}
export function rmsNorm(x: tf.Tensor, { scale }: { scale: tf.Tensor }, { epsilon = 1e-6 } = {}): tf.Tensor {
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon))), scale);
}
export function gelu(x: tf.Tensor, form: "tanh" | "erf"): tf.Tensor {
  const gate =
    form === "erf"
      ? tf.erf(tf.mul(x, Math.SQRT1_2))
      : tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x))))));
  return tf.mul(tf.mul(0.5, x), tf.add(1, gate));
}
export function attention(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) {
  const logits = tf.matMul(tf.mul(q, q.shape.at(-1)! ** -0.5), k, false, true);
  const probabilities = tf.softmax(logits);
  return { output: tf.matMul(probabilities, v), logits, probabilities };
}
