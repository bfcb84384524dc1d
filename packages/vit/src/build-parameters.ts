import { buildBlock } from "./build-block.ts";
import { type Leaves, layers } from "./build-layers.ts";
import { checkConfig, patchGrid, type ViTConfig } from "./config.ts";
import { normal, xavierUniform } from "./distributions.ts";
import { blockName, type PoolParameters, type ViTParameters } from "./parameters.ts";

/**
 * The parameter tree of a model, with leaves made by `leaves`.
 *
 * Which parameters exist, their names, shapes and initial distributions are said here and nowhere else: initialisation,
 * counting, fusing and reading checkpoints differ only in their leaves. A fused parameter is asked for slice by slice
 * under the names that the slices have in the unfused tree, so that a fused model begins with the weights of the unfused.
 *
 * @throws RangeError when the configuration describes no model.
 */
export function buildParameters<T>(config: ViTConfig, leaves: Leaves<T>): ViTParameters<T> {
  checkConfig(config);
  const { width, depth, pooling } = config;
  const make = layers(config, leaves);
  const tokens = patchGrid(config.imageSide, config.patchSide) ** 2;
  const deviation = config.positionDeviation === "width" ? width ** -0.5 : config.positionDeviation;
  const block = (index: number) => buildBlock(config, make, leaves, `encoder/${blockName(index)}`);

  // A class token begins at zero, as in big_vision.
  const classToken = () => leaves.make("class_token", [1, width], { kind: "constant", value: 0 });
  const pool = (): PoolParameters<T> => ({
    probe: leaves.make("pool/probe", [1, width], xavierUniform(1, width)),
    attention: {
      ...make.projections("pool/attention", config.biases.pool),
      output: make.attentionOutput("pool/attention", config.biases.pool),
    },
    norm: make.norm("pool/norm"),
    mlp: { in: make.mlpIn("pool/mlp", config.biases.pool), out: make.mlpOut("pool/mlp", config.biases.pool) },
  });

  return {
    patch: make.patch(),
    positions: leaves.make("positions", [tokens, width], normal(deviation)),
    ...(pooling === "tok" && { class_token: classToken() }),
    ...(config.embeddingNorm && { embedding_norm: make.norm("embedding_norm") }),
    encoder: Object.fromEntries(Array.from({ length: depth }, (_, index) => [blockName(index), block(index)])),
    final_norm: make.norm("final_norm"),
    ...(pooling === "map" && { pool: pool() }),
    ...(config.classes > 0 && { head: make.classifier() }),
  };
}
