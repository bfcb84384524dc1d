import * as tf from "@tensorflow/tfjs-core";
import { nn } from "@vitscale/core";
import { attend, project, type Qkv } from "./attention.ts";
import type { Drop } from "./dropout.ts";
import type { Note } from "./intermediates.ts";
import { need } from "./need.ts";
import { norm } from "./norm.ts";
import type { BlockParameters, FusedInputParameters } from "./parameters.ts";
import type { LocalConfig } from "./partition.ts";

type Tensors = BlockParameters<tf.Tensor>;

/** What a block does to tokens [batch, tokens, width]; `drop` acts on the output of every residual branch. */
export type Block = (x: tf.Tensor, parameters: Tensors, config: LocalConfig, note: Note, drop: Drop) => tf.Tensor;

/**
 * Attention and MLP beside each other: X' = X + Attention(Norm(X)) + MLP(Norm(X)) (Dehghani et al. 2023, §2).
 *
 * Fused, the input side is one product Norm(X)·[Wq|Wk|Wv|W1] and the output side one product [O|GELU(U)]·[Wo;W2].
 */
export const parallelBlock: Block = (x, parameters, config, note, drop) => {
  const { gelu, fusedInput, fusedOutput, partition } = config;
  const { attention = {}, mlp = {} } = parameters;
  const normed = norm(x, need(parameters.norm, "norm"), config);

  const [qkv, up] = fusedInput
    ? projectFused(normed, need(parameters.in, "in"), config)
    : [project(normed, attention, config), partition.linear(normed, need(mlp.in, "mlp/in"))];
  const mixed = attend(qkv, attention, config, note); // [batch, tokens, width]
  const hidden = note("mlp/hidden", nn.gelu(up, gelu));
  const branch = fusedOutput
    ? partition.linear(tf.concat([mixed, hidden], -1), need(parameters.out, "out"))
    : tf.add(
        partition.linear(mixed, need(attention.output, "attention/output")),
        partition.linear(hidden, need(mlp.out, "mlp/out")),
      );
  return note("output", tf.add(x, drop(branch, "branch")));
};

/** Query, key, value and the MLP's input [batch, tokens, mlpWidth] by one product. */
function projectFused(
  x: tf.Tensor,
  { kernel, qkv_bias, mlp_bias }: FusedInputParameters<tf.Tensor>,
  { width, mlpWidth, partition }: LocalConfig,
): [qkv: Qkv, up: tf.Tensor] {
  const parts = tf.split(partition.linear(x, { kernel }), [width, width, width, mlpWidth], -1);
  const [query, key, value, up] = parts as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  // A bias is added to its part: ViT-22B has only that of the MLP.
  const hidden = mlp_bias === undefined ? up : tf.add(up, mlp_bias);
  if (qkv_bias === undefined) return [[query, key, value], hidden];
  const [queryBias, keyBias, valueBias] = tf.split(qkv_bias, 3) as [tf.Tensor, tf.Tensor, tf.Tensor];
  return [[tf.add(query, queryBias), tf.add(key, keyBias), tf.add(value, valueBias)], hidden];
}

/** Attention, then MLP, each with a norm before it and a residual sum after it: the block of ViT-g and ViT-G. */
export const sequentialBlock: Block = (x, parameters, config, note, drop) => {
  const { gelu, partition } = config;
  const attention = need(parameters.attention, "attention");
  const mlp = need(parameters.mlp, "mlp");

  const forAttention = norm(x, need(parameters.attention_norm, "attention_norm"), config);
  const mixed = attend(project(forAttention, attention, config), attention, config, note);
  const attended = tf.add(x, drop(partition.linear(mixed, need(attention.output, "attention/output")), "attention"));

  const forMlp = norm(attended, need(parameters.mlp_norm, "mlp_norm"), config);
  const hidden = note("mlp/hidden", nn.gelu(partition.linear(forMlp, need(mlp.in, "mlp/in")), gelu));
  return note("output", tf.add(attended, drop(partition.linear(hidden, need(mlp.out, "mlp/out")), "mlp")));
};
