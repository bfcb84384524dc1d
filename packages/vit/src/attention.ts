import type * as tf from "@tensorflow/tfjs-core";
import { nn } from "@vitscale/core";
import type { ViTConfig } from "./config.ts";
import { mergeHeads, splitHeads, splitQkv } from "./heads.ts";
import type { Note } from "./intermediates.ts";
import { need } from "./need.ts";
import type { AttentionParameters, NormParameters } from "./parameters.ts";

type Tensors = AttentionParameters<tf.Tensor>;
type Qkv = readonly [query: tf.Tensor, key: tf.Tensor, value: tf.Tensor];

/** Query, key and value of tokens [batch, tokens, width], each [batch, heads, tokens, headWidth]. */
export function project(x: tf.Tensor, parameters: Tensors, { heads, fusedInput }: ViTConfig): Qkv {
  if (fusedInput) return splitQkv(nn.linear(x, need(parameters.qkv, "attention/qkv")), heads);
  const head = (name: "query" | "key" | "value") =>
    splitHeads(nn.linear(x, need(parameters[name], `attention/${name}`)), heads);
  return [head("query"), head("key"), head("value")];
}

/**
 * Attention of every head: softmax(norm(Q)·norm(K)ᵀ / √headWidth)·V, heads side by side: [batch, tokens, width].
 *
 * Notes `attention/{query, key}` before their norms [batch, heads, tokens, headWidth], and `attention/{logits,
 * probabilities}` [batch, heads, tokens, tokens].
 */
export function attend([query, key, value]: Qkv, parameters: Tensors, config: ViTConfig, note: Note): tf.Tensor {
  note("attention/query", query);
  note("attention/key", key);
  const { output, logits, probabilities } = normedAttention([query, key, value], parameters, config);
  note("attention/logits", logits);
  note("attention/probabilities", probabilities);
  return mergeHeads(output);
}

function normedAttention([query, key, value]: Qkv, parameters: Tensors, { qkNorm, normEpsilon, biases }: ViTConfig) {
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
