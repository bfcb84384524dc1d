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
 * The configuration may leave out norms or the division.
 *
 * Notes `attention/{query, key}` before their norms [batch, heads, tokens, headWidth], and `attention/{logits,
 * probabilities}` [batch, heads, tokens, tokens].
 */
export function attend(qkv: Qkv, parameters: Tensors, config: LocalConfig, note: Note): tf.Tensor {
  const [query, key, value] = qkv.map((x) => splitHeads(x, config.heads)) as [tf.Tensor, tf.Tensor, tf.Tensor];
  note("attention/query", query);
  note("attention/key", key);
  const { output, logits, probabilities } =
    config.qkNorm !== "none" && config.qkNormSpan === "width"
      ? jointlyNormedAttention(qkv, parameters, config)
      : normedAttention([query, key, value], parameters, config);
  note("attention/logits", logits);
  note("attention/probabilities", probabilities);
  return mergeHeads(output);
}

function normedAttention([query, key, value]: Qkv, parameters: Tensors, config: LocalConfig) {
  const { qkNorm, normEpsilon, biases } = config;
  if (qkNorm === "none") return nn.attention(query, key, value);
  const queryNorm = need(parameters.query_norm, "attention/query_norm");
  const keyNorm = need(parameters.key_norm, "attention/key_norm");
  if (biases.qkNorm) {
    const normed = (x: tf.Tensor, norm: NormParameters<tf.Tensor>) => nn.layerNorm(x, norm, { epsilon: normEpsilon });
    return nn.attention(undivided(normed(query, queryNorm), config), normed(key, keyNorm), value);
  }
  // Without a bias, the division by √headWidth can hide in the query norm's scale.
  const options = { kind: qkNorm, epsilon: normEpsilon };
  return nn.attention(query, key, value, {
    queryNorm: { scale: undivided(queryNorm.scale, config), ...options },
    keyNorm: { scale: keyNorm.scale, ...options },
  });
}

/** The same with norms over the width of all heads, before it is split among them. */
function jointlyNormedAttention([query, key, value]: Qkv, parameters: Tensors, config: LocalConfig) {
  const { qkNorm, normEpsilon: epsilon, heads } = config;
  const normed = (x: tf.Tensor, norm: NormParameters<tf.Tensor>) =>
    splitHeads(qkNorm === "rms" ? nn.rmsNorm(x, norm, { epsilon }) : nn.layerNorm(x, norm, { epsilon }), heads);
  const queries = normed(query, need(parameters.query_norm, "attention/query_norm"));
  const keys = normed(key, need(parameters.key_norm, "attention/key_norm"));
  return nn.attention(undivided(queries, config), keys, splitHeads(value, heads));
}

/** Queries, or the scale of their norm, so that the division by √headWidth comes to nothing where logits are not to be divided. */
function undivided(x: tf.Tensor, { attentionScale = "root", width, heads }: LocalConfig): tf.Tensor {
  return attentionScale === "root" ? x : tf.mul(x, Math.sqrt(width / heads));
}
