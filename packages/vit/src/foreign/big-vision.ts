import { hostTensor, sizeOf } from "@vitscale/core";
import type { ViTConfig, ViTOptions } from "../config.ts";
import { slice } from "../host-arrays.ts";
import type { ViTParameters } from "../parameters.ts";
import { type Dialect, type Float, type ForeignState, type Row, sourcesOf } from "./dialect.ts";
import { type ImportOptions, importParameters } from "./import.ts";

/** Options that make `vitG(name, …)` the function of the AugReg models, the first release of vision_transformer. */
export const augReg = { gelu: "erf", pooling: "tok" } as const satisfies ViTOptions;

/** Names of the parts of a block: big_vision counts each kind by itself; AugReg counted all of them. */
const spellings = [
  { attention: "MultiHeadDotProductAttention_0", norm2: "LayerNorm_1", mlp: "MlpBlock_0" },
  { attention: "MultiHeadDotProductAttention_1", norm2: "LayerNorm_2", mlp: "MlpBlock_3" },
] as const;

function attention(ours: string, theirs: string): Row[] {
  return [
    [`${ours}/query`, `${theirs}/query`],
    [`${ours}/key`, `${theirs}/key`],
    [`${ours}/value`, `${theirs}/value`],
    [`${ours}/output`, `${theirs}/out`],
  ];
}

function dialect({ depth }: ViTConfig, prefix: string, has: (name: string) => boolean): Dialect {
  const block = "Transformer/encoderblock_0/";
  const spelling = spellings.find(({ mlp }) => has(`${block}${mlp}/Dense_0/kernel`)) ?? spellings[0];
  const positions = has("pos_embedding") ? "pos_embedding" : "Transformer/posembed_input/pos_embedding";
  return {
    sourceOf: sourcesOf({
      depth,
      prefix,
      outside: [
        ["patch", "embedding"],
        ["positions", positions],
        ["class_token", "cls"],
        ["final_norm", "Transformer/encoder_norm"],
        ["pool/probe", "MAPHead_0/probe"],
        ...attention("pool/attention", "MAPHead_0/MultiHeadDotProductAttention_0"),
        ["pool/norm", "MAPHead_0/LayerNorm_0"],
        ["pool/mlp/in", "MAPHead_0/MlpBlock_0/Dense_0"],
        ["pool/mlp/out", "MAPHead_0/MlpBlock_0/Dense_1"],
        ["head", "head"],
      ],
      block: [
        ["attention_norm", "LayerNorm_0"],
        ...attention("attention", spelling.attention),
        ["attention/query_norm", `${spelling.attention}/query_ln`],
        ["attention/key_norm", `${spelling.attention}/key_ln`],
        ["mlp_norm", spelling.norm2],
        ["mlp/in", `${spelling.mlp}/Dense_0`],
        ["mlp/out", `${spelling.mlp}/Dense_1`],
      ],
      blockPrefix: (index) => `${prefix}Transformer/encoderblock_${index}/`,
      leaf: (layer, leaf) => `${layer}/${leaf}`,
    }),
    arrange: joinAxes,
    positions: prefix + positions,
  };
}

/** Their tensors have our order of axes, but keep heads, and rows and columns of a patch, as axes of their own. */
const joinAxes: Dialect["arrange"] = (_, tensor, shape) =>
  isJoined(tensor.shape, shape) ? hostTensor("float32", shape, tensor.data) : tensor;

/** Whether a shape comes from another by joining neighbouring axes. */
function isJoined(from: readonly number[], to: readonly number[]): boolean {
  if (sizeOf(from) !== sizeOf(to)) return false;
  // Both shapes pass through the same products, where the joined one stops.
  const stops = from.map((_, axis) => sizeOf(from.slice(0, axis + 1)));
  return to.every((_, axis) => stops.includes(sizeOf(to.slice(0, axis + 1))));
}

/**
 * The parameters of a ViT of big_vision, or of the AugReg release of vision_transformer ({@link augReg}), as `config` wants them. Of two
 * towers, such as SigLIP's, the image tower is taken. Blocks that were trained under `scan`, stored as one, are taken apart.
 *
 * @throws RangeError that lists every parameter that is missing, has another shape, or is left over.
 */
export function fromBigVision(
  given: ForeignState,
  config: ViTConfig,
  options: ImportOptions = {},
): ViTParameters<Float> {
  const ending = "embedding/kernel";
  const prefix = Object.keys(given)
    .find((name) => name.endsWith(ending) && given[name]?.shape.length === 4)
    ?.slice(0, -ending.length);
  if (prefix === undefined) {
    throw new RangeError(
      `the file is no ViT of big_vision: it has no ${ending} of 4 axes, the patch embedding; names are like "${Object.keys(given)[0]}"`,
    );
  }
  const own = Object.entries(given).filter(([name]) => name.startsWith(prefix));
  const state = Object.fromEntries(own.flatMap(([name, tensor]) => unscanned(name, tensor)));
  return importParameters(
    state,
    config,
    dialect(config, prefix, (name) => prefix + name in state),
    options,
  );
}

/** The tensors of each block, where a name holds those of all. */
function unscanned(name: string, tensor: Float): [name: string, tensor: Float][] {
  if (!name.includes("Transformer/encoderblock/")) return [[name, tensor]];
  const [depth = 0, ...shape] = tensor.shape;
  return Array.from({ length: depth }, (_, index) => [
    name.replace("encoderblock/", `encoderblock_${index}/`),
    hostTensor("float32", shape, slice(tensor, 0, index, index + 1).data),
  ]);
}
