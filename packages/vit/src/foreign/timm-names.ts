import type { ViTConfig } from "../config.ts";
import { columns, type Dialect, type Row, rows, sourcesOf, torchLeaf } from "./dialect.ts";

/** timm's `Block`. */
function sequential(d: number): Row[] {
  return [
    ["attention_norm", "norm1"],
    ["attention/query", "attn.qkv", rows(0, d)],
    ["attention/key", "attn.qkv", rows(d, 2 * d)],
    ["attention/value", "attn.qkv", rows(2 * d, 3 * d)],
    ["attention/query_norm", "attn.q_norm"],
    ["attention/key_norm", "attn.k_norm"],
    ["attention/output", "attn.proj"],
    ["mlp_norm", "norm2"],
    ["mlp/in", "mlp.fc1"],
    ["mlp/out", "mlp.fc2"],
  ];
}

/** timm's `ParallelScalingBlock`: the MLP comes first in its input product, attention in its output product. */
function parallel(d: number, m: number, has: (name: string) => boolean): Row[] {
  const ownMlpBias: Row[] = has("mlp_bias") ? [["mlp/in/bias", "mlp_bias"]] : [];
  const outputs: Row[] = has("out_proj.weight")
    ? [
        ["attention/output/kernel", "out_proj.weight", columns(0, d)],
        ["attention/output/bias", undefined],
        ["mlp/out/kernel", "out_proj.weight", columns(d, d + m)],
        ["mlp/out/bias", "out_proj.bias"],
      ]
    : [
        ["attention/output", "attn_out_proj"],
        ["mlp/out", "mlp_out_proj"],
      ];
  return [
    ["norm", "in_norm"],
    ["mlp/in", "in_proj", rows(0, m)],
    ["attention/query", "in_proj", rows(m, m + d)],
    ["attention/key", "in_proj", rows(m + d, m + 2 * d)],
    ["attention/value", "in_proj", rows(m + 2 * d, m + 3 * d)],
    ["attention/query_norm", "q_norm"],
    ["attention/key_norm", "k_norm"],
    ...ownMlpBias,
    ...outputs,
  ];
}

/** Everything outside the blocks. */
function surroundings(d: number, finalNorm: ViTConfig["finalNorm"]): Row[] {
  return [
    ["patch", "patch_embed.proj"],
    ["embedding_norm", "norm_pre"],
    ["final_norm", finalNorm === "tokens" ? "norm" : "fc_norm"],
    ["pool/probe", "attn_pool.latent"],
    ["pool/attention/query", "attn_pool.q"],
    ["pool/attention/key", "attn_pool.kv", rows(0, d)],
    ["pool/attention/value", "attn_pool.kv", rows(d, 2 * d)],
    ["pool/attention/output", "attn_pool.proj"],
    ["pool/norm", "attn_pool.norm"],
    ["pool/mlp/in", "attn_pool.mlp.fc1"],
    ["pool/mlp/out", "attn_pool.mlp.fc2"],
    ["positions", "pos_embed"],
    ["class_token", "cls_token"],
    ["head", "head"],
  ];
}

/** From a parameter path of ours (unfused) to its place in a timm state dict that has the given names. */
export function timmSources(config: ViTConfig, names: ReadonlySet<string>): Dialect["sourceOf"] {
  const { width, mlpWidth, depth } = config;
  const has = (name: string) => names.has(`blocks.0.${name}`);
  return sourcesOf({
    depth,
    outside: surroundings(width, config.finalNorm),
    block: config.block === "sequential" ? sequential(width) : parallel(width, mlpWidth, has),
    blockPrefix: (index) => `blocks.${index}.`,
    leaf: torchLeaf,
  });
}
