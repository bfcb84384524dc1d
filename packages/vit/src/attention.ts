import type * as tf from "@tensorflow/tfjs-core";
import type { ViTConfig } from "./config.ts";
import { mergeHeads, splitHeads, splitQkv } from "./heads.ts";
import type { Note } from "./intermediates.ts";
import { need } from "./need.ts";
import * as nn from "./nn.ts";
import { norm } from "./norm.ts";
import type { AttentionParameters } from "./parameters.ts";

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
 * With RMS QK norm no logit exceeds √headWidth · max|query scale| · max|key scale|. Notes `attention/{query, key}`
 * (after the norms), `attention/logits` and `attention/probabilities` [batch, heads, tokens, tokens].
 */
export function attend([query, key, value]: Qkv, parameters: Tensors, config: ViTConfig, note: Note): tf.Tensor {
  const { qkNorm, normEpsilon } = config;
  const normed = (x: tf.Tensor, name: "query_norm" | "key_norm") =>
    qkNorm === "none" ? x : norm(qkNorm, x, need(parameters[name], `attention/${name}`), normEpsilon);
  const { output, logits, probabilities } = nn.attention(
    note("attention/query", normed(query, "query_norm")),
    note("attention/key", normed(key, "key_norm")),
    value,
  );
  note("attention/logits", logits);
  note("attention/probabilities", probabilities);
  return mergeHeads(output);
}
