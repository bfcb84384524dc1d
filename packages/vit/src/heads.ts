import * as tf from "@tensorflow/tfjs-core";

/** [batch, tokens, width] → [batch, heads, tokens, width / heads]. */
export function splitHeads(x: tf.Tensor, heads: number): tf.Tensor {
  const [batch, tokens, width] = x.shape as [number, number, number];
  return tf.transpose(tf.reshape(x, [batch, tokens, heads, width / heads]), [0, 2, 1, 3]);
}

/**
 * [batch, tokens, 3·width], query, key and value side by side → three of [batch, heads, tokens, width / heads].
 *
 * One transpose brings the three to the front, where a split is contiguous, in place of three splits and transposes.
 */
export function splitQkv(qkv: tf.Tensor, heads: number): [query: tf.Tensor, key: tf.Tensor, value: tf.Tensor] {
  const [batch, tokens, width3] = qkv.shape as [number, number, number];
  const headWidth = width3 / 3 / heads;
  const stacked = tf.transpose(tf.reshape(qkv, [batch, tokens, 3, heads, headWidth]), [2, 0, 3, 1, 4]);
  const parts = tf.split(stacked, 3, 0); // each [1, batch, heads, tokens, headWidth]
  return parts.map((part) => tf.reshape(part, [batch, heads, tokens, headWidth])) as [tf.Tensor, tf.Tensor, tf.Tensor];
}

/** [batch, heads, tokens, headWidth] → [batch, tokens, heads·headWidth]. */
export function mergeHeads(x: tf.Tensor): tf.Tensor {
  const [batch, heads, tokens, headWidth] = x.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, tokens, heads * headWidth]);
}
