import * as tf from "@tensorflow/tfjs-core";
import { nn } from "@vitscale/core";
import { mergeHeads, splitHeads } from "./heads.ts";
import type { Note } from "./intermediates.ts";
import { need } from "./need.ts";
import type { AttentionParameters, NormParameters } from "./parameters.ts";
import type { LocalConfig } from "./partition.ts";

type Tensors = AttentionParameters<tf.Tensor>;

/** Query, key and value: [batch, tokens, width] as projections give them, [batch, heads, tokens, headWidth] for attention. */
export type Qkv = readonly [query: tf.Tensor, key: tf.Tensor, value: tf.Tensor];

/** Query, key and value of tokens [batch, tokens, width], by one product or by three. */
export function project(x: tf.Tensor, parameters: Tensors, { fusedInput, partition }: LocalConfig): Qkv {
  if (fusedInput) {
    const joined = partition.linear(x, need(parameters.qkv, "attention/qkv")); // [batch, tokens, 3·width]
    return tf.split(joined, 3, -1) as [tf.Tensor, tf.Tensor, tf.Tensor];
  }
  const linear = (name: "query" | "key" | "value") => partition.linear(x, need(parameters[name], `attention/${name}`));
  return [linear("query"), linear("key"), linear("value")];
}

/**
 * Attention of every head: softmax(norm(Q)·norm(K)ᵀ / √headWidth)·V, heads side by side: [batch, queries, width].
 *
 * Notes `attention/{query, key}` before their norms [batch, heads, tokens, headWidth], and `attention/{logits,
 * probabilities}` [batch, heads, tokens, tokens].
 */
export function attend(qkv: Qkv, parameters: Tensors, config: LocalConfig, note: Note): tf.Tensor {
  const [query, key, value] = qkv.map((x) => splitHeads(x, config.heads)) as [tf.Tensor, tf.Tensor, tf.Tensor];
  note("attention/query", query);
  note("attention/key", key);
  const { output, logits, probabilities } = normedAttention([query, key, value], parameters, config);
  note("attention/logits", logits);
  note("attention/probabilities", probabilities);
  return mergeHeads(output);
}

function normedAttention([query, key, value]: Qkv, parameters: Tensors, { qkNorm, normEpsilon, biases }: LocalConfig) {
  if (qkNorm === "none") return nn.attention(query, key, value);
  const queryNorm = need(parameters.query_norm, "attention/query_norm");
  const keyNorm = need(parameters.key_norm, "attention/key_norm");
  if (biases.qkNorm) {
    const normed = (x: tf.Tensor, norm: NormParameters<tf.Tensor>) => nn.layerNorm(x, norm, { epsilon: normEpsilon });
    return nn.attention(normed(query, queryNorm), normed(key, keyNorm), value);
  }
  // Without a bias, the division by √headWidth can hide in the query norm's scale.
  const options = { kind: qkNorm, epsilon: normEpsilon };
  return nn.attention(query, key, value, {
    queryNorm: { scale: queryNorm.scale, ...options },
    keyNorm: { scale: keyNorm.scale, ...options },
  });
}
