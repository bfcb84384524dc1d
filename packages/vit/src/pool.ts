import * as tf from "@tensorflow/tfjs-core";
import { nn } from "@vitscale/core";
import { attend } from "./attention.ts";
import type { Note } from "./intermediates.ts";
import { need } from "./need.ts";
import { norm } from "./norm.ts";
import type { PoolParameters } from "./parameters.ts";
import type { LocalConfig } from "./partition.ts";

/** One feature [batch, width] for the tokens [batch, tokens, width] of an image. */
export function pool(
  tokens: tf.Tensor,
  parameters: PoolParameters<tf.Tensor> | undefined,
  config: LocalConfig,
  note: Note,
): tf.Tensor {
  switch (config.pooling) {
    case "gap":
      return tf.mean(tokens, 1);
    case "tok": {
      const [batch, , width] = tokens.shape as [number, number, number];
      return tf.reshape(tf.slice(tokens, [0, 0, 0], [batch, 1, width]), [batch, width]);
    }
    case "map":
      return mapHead(tokens, need(parameters, "pool"), config, note);
    default:
      return config.pooling satisfies never;
  }
}

/**
 * Multi-head attention pooling: one learned probe attends to all tokens; z = a + MLP(Norm(a)). The residual is around
 * the MLP only, and no norm stands before the attention (Zhai et al. 2022, §3.2; big_vision models/vit.py, MAPHead).
 */
function mapHead(tokens: tf.Tensor, parameters: PoolParameters<tf.Tensor>, config: LocalConfig, note: Note): tf.Tensor {
  const [batch, , width] = tokens.shape as [number, number, number];
  const { attention, mlp } = parameters;
  const linear = (x: tf.Tensor, name: "query" | "key" | "value" | "output") =>
    config.partition.linear(x, need(attention[name], `pool/attention/${name}`));

  // The probe is the same for every image, so it is projected once and repeated afterwards.
  const query = tf.tile(tf.reshape(linear(parameters.probe, "query"), [1, 1, width]), [batch, 1, 1]);
  const qkv = [query, linear(tokens, "key"), linear(tokens, "value")] as const;
  const mixed = attend(qkv, attention, { ...config, qkNorm: "none" }, note); // [batch, 1, width]

  const attended = linear(tf.reshape(mixed, [batch, width]), "output");
  const normed = norm(attended, parameters.norm, config);
  const hidden = nn.gelu(config.partition.linear(normed, need(mlp.in, "pool/mlp/in")), config.gelu);
  return tf.add(attended, config.partition.linear(hidden, need(mlp.out, "pool/mlp/out")));
}
