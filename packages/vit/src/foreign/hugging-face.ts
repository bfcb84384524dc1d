import type { ViTConfig, ViTOptions } from "../config.ts";
import type { ViTParameters } from "../parameters.ts";
import {
  arrangeTorch,
  type Dialect,
  type Float,
  type ForeignState,
  type Row,
  rows,
  sourcesOf,
  torchLeaf,
} from "./dialect.ts";
import { type ImportOptions, importParameters } from "./import.ts";

/** Options that make `vitG(name, …)` the function of a ViT of Hugging Face's transformers, with its smaller ε. */
export const huggingFaceViT = { gelu: "erf", pooling: "tok", normEpsilon: 1e-12 } as const satisfies ViTOptions;

/** Options that make `vitG(name, …)` the image tower of SigLIP: a MAP head whose feature is the answer. */
export const siglipImage = { pooling: "map", classes: 0 } as const satisfies ViTOptions;

const vitBlock: readonly Row[] = [
  ["attention_norm", "layernorm_before"],
  ["attention/query", "attention.attention.query"],
  ["attention/key", "attention.attention.key"],
  ["attention/value", "attention.attention.value"],
  ["attention/output", "attention.output.dense"],
  ["mlp_norm", "layernorm_after"],
  ["mlp/in", "intermediate.dense"],
  ["mlp/out", "output.dense"],
];

const siglipBlock: readonly Row[] = [
  ["attention_norm", "layer_norm1"],
  ["attention/query", "self_attn.q_proj"],
  ["attention/key", "self_attn.k_proj"],
  ["attention/value", "self_attn.v_proj"],
  ["attention/output", "self_attn.out_proj"],
  ["mlp_norm", "layer_norm2"],
  ["mlp/in", "mlp.fc1"],
  ["mlp/out", "mlp.fc2"],
];

function siglipOutside(d: number): readonly Row[] {
  const projection = (ours: string, from: number): Row[] => [
    [`pool/attention/${ours}/kernel`, "head.attention.in_proj_weight", rows(from, from + d)],
    [`pool/attention/${ours}/bias`, "head.attention.in_proj_bias", rows(from, from + d)],
  ];
  return [
    ["patch", "embeddings.patch_embedding"],
    ["positions", "embeddings.position_embedding.weight"],
    ["final_norm", "post_layernorm"],
    ["pool/probe", "head.probe"],
    ...projection("query", 0),
    ...projection("key", d),
    ...projection("value", 2 * d),
    ["pool/attention/output", "head.attention.out_proj"],
    ["pool/norm", "head.layernorm"],
    ["pool/mlp/in", "head.mlp.fc1"],
    ["pool/mlp/out", "head.mlp.fc2"],
  ];
}

function vitDialect({ depth }: ViTConfig, prefix: string): Dialect {
  const positions = `${prefix}embeddings.position_embeddings`;
  const sourceOf = sourcesOf({
    depth,
    prefix,
    outside: [
      ["patch", "embeddings.patch_embeddings.projection"],
      ["positions", "embeddings.position_embeddings"],
      ["class_token", "embeddings.cls_token"],
      ["final_norm", "layernorm"],
    ],
    block: vitBlock,
    blockPrefix: (index) => `${prefix}encoder.layer.${index}.`,
    leaf: torchLeaf,
  });
  // The classifier stands beside the trunk, without its prefix.
  const head: Dialect["sourceOf"] = (path) => ({ name: torchLeaf("classifier", path.slice("head/".length)) });
  return {
    sourceOf: (path) => (path.startsWith("head/") ? head(path) : sourceOf(path)),
    arrange: arrangeTorch,
    positions,
  };
}

function siglipDialect({ width, depth }: ViTConfig, prefix: string): Dialect {
  return {
    sourceOf: sourcesOf({
      depth,
      prefix,
      outside: siglipOutside(width),
      block: siglipBlock,
      blockPrefix: (index) => `${prefix}encoder.layers.${index}.`,
      leaf: torchLeaf,
    }),
    arrange: arrangeTorch,
    positions: `${prefix}embeddings.position_embedding.weight`,
  };
}

/**
 * The parameters of a ViT of transformers (`ViTModel`, `ViTForImageClassification`; {@link huggingFaceViT}) or of the image tower of a
 * SigLIP (`SiglipVisionModel`, `SiglipModel`; {@link siglipImage}), as `config` wants them. Of a SigLIP, the text tower and the loss's
 * temperature and bias are passed over, and so is a ViT's unused `pooler`.
 *
 * @throws RangeError that lists every parameter that is missing, has another shape, or is left over.
 */
export function fromHuggingFace(
  state: ForeignState,
  config: ViTConfig,
  { ignore = [] }: ImportOptions = {},
): ViTParameters<Float> {
  const siglip = prefixBefore(state, "embeddings.patch_embedding.weight");
  if (siglip !== undefined) {
    const others = ["text_model\\..+", "logit_scale", "logit_bias"];
    return importParameters(state, config, siglipDialect(config, siglip), { ignore: [...others, ...ignore] });
  }
  const prefix = prefixBefore(state, "embeddings.patch_embeddings.projection.weight");
  if (prefix === undefined) {
    throw new RangeError(
      "the state dict is neither a ViT nor a SigLIP of transformers: it has no patch embedding; give that of ViTModel, " +
        "ViTForImageClassification, SiglipVisionModel or SiglipModel",
    );
  }
  return importParameters(state, config, vitDialect(config, prefix), { ignore: ["(.+\\.)?pooler\\..+", ...ignore] });
}

function prefixBefore(state: ForeignState, ending: string): string | undefined {
  return Object.keys(state)
    .find((name) => name.endsWith(ending))
    ?.slice(0, -ending.length);
}
