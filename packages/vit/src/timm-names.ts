import type { ViTConfig } from "./config.ts";
import { blockName } from "./parameters.ts";

/** Where timm keeps a parameter: a tensor, and the piece of it where timm stores several as one; or nowhere. */
export type TimmSource =
  | { readonly name: string; readonly piece?: Piece }
  /** timm has no such parameter because another one includes it. */
  | "zeros";

/** Indices `from` to `to` of an axis of timm's tensor (a weight is [out, in]). */
export interface Piece {
  readonly axis: 0 | 1;
  readonly from: number;
  readonly to: number;
}

/**
 * Ours beside timm's. A row names a layer: our `kernel` and `scale` are timm's `weight`, `bias` is `bias`. Or it names
 * one parameter in full, and is then preferred. Rows of layers that a model lacks are not used.
 */
type Row = readonly [ours: string, timm: string | undefined, piece?: Piece];

const rows = (from: number, to: number): Piece => ({ axis: 0, from, to });
const columns = (from: number, to: number): Piece => ({ axis: 1, from, to });

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

const leaves: Readonly<Record<string, string>> = { kernel: "weight", scale: "weight", bias: "bias" };

/** From a parameter path of ours (unfused) to its place in a timm state dict that has the given names. */
export function timmSources(config: ViTConfig, names: ReadonlySet<string>): (path: string) => TimmSource {
  const { width, mlpWidth, depth } = config;
  const table = new Map<string, Row>();
  const add = ([ours, timm, piece]: Row, ourPrefix = "", timmPrefix = "") => {
    const name = timm === undefined ? undefined : timmPrefix + timm;
    table.set(ourPrefix + ours, piece === undefined ? [ours, name] : [ours, name, piece]);
  };
  for (const row of surroundings(width, config.finalNorm)) add(row);
  const has = (name: string) => names.has(`blocks.0.${name}`);
  const block = config.block === "sequential" ? sequential(width) : parallel(width, mlpWidth, has);
  for (let index = 0; index < depth; index++) {
    for (const row of block) add(row, `encoder/${blockName(index)}/`, `blocks.${index}.`);
  }

  return (path) => {
    const exact = table.get(path);
    const end = path.lastIndexOf("/");
    const [, timm, piece] = exact ?? table.get(path.slice(0, end)) ?? [path, path];
    if (timm === undefined) return "zeros";
    const name = exact === undefined ? `${timm}.${leaves[path.slice(end + 1)]}` : timm;
    return piece === undefined ? { name } : { name, piece };
  };
}
