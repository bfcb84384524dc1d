import { treeEntries } from "@vitscale/core";
import { patchGrid, qkNormLength, type ViTConfig } from "./config.ts";
import { elementsOf, isParameterShape, type ParameterShape, parameterShapes } from "./shapes.ts";
import type { CountConvention } from "./variants.ts";

/** Parameters by part. */
export interface ParameterCount {
  /** Patch embedding, with the norm after it where there is one. */
  readonly patch: number;
  readonly positions: number;
  readonly classToken: number;
  /** Kernels of the blocks: depth·(4·width² + 2·width·mlpWidth). */
  readonly matrices: number;
  readonly blockBiases: number;
  /** Norms of the blocks, those of queries and keys among them. */
  readonly blockNorms: number;
  readonly finalNorm: number;
  readonly pool: number;
  readonly head: number;
  readonly total: number;
}

/**
 * Parameters of a model by closed form.
 *
 * Every block has 4·width² + 2·width·mlpWidth weights, whatever its kind; kind, fusion and the bias switches change only
 * what is linear in the width.
 */
export function countParameters(config: ViTConfig): ParameterCount {
  const { width, depth, mlpWidth, patchSide, channels, classes, biases } = config;
  const when = (condition: boolean, count: number) => (condition ? count : 0);
  const norm = width + when(biases.norm, width);
  const qkNorm = when(config.qkNorm !== "none", qkNormLength(config) * (1 + when(biases.qkNorm, 1)));
  // A fused output adds b_o and b_2 into one vector.
  const outputBiases = config.fusedOutput
    ? when(biases.attentionOutput || biases.mlp, width)
    : when(biases.attentionOutput, width) + when(biases.mlp, width);
  const parts = {
    patch: channels * patchSide ** 2 * width + when(biases.patch, width) + when(config.embeddingNorm, norm),
    positions: patchGrid(config.imageSide, patchSide) ** 2 * width,
    classToken: when(config.pooling === "tok", width),
    matrices: depth * (4 * width ** 2 + 2 * width * mlpWidth),
    blockBiases: depth * (when(biases.qkv, 3 * width) + when(biases.mlp, mlpWidth) + outputBiases),
    blockNorms: depth * (norm * (config.block === "parallel" ? 1 : 2) + 2 * qkNorm),
    finalNorm: norm,
    // Probe, four projections, norm, MLP.
    pool: when(
      config.pooling === "map",
      width + 4 * width ** 2 + norm + 2 * width * mlpWidth + when(biases.pool, 4 * width + mlpWidth + width),
    ),
    head: when(classes > 0, width * classes + when(biases.head, classes)),
  };
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
}

/** Parameters of a model by adding up the shapes of its tree. */
export function countByShapes(config: ViTConfig): number {
  const entries = treeEntries<ParameterShape>(parameterShapes(config), isParameterShape);
  return entries.reduce((sum, [, leaf]) => sum + elementsOf(leaf), 0);
}

/** The part of a count that a convention includes: papers leave out heads, or all but the block matrices. */
export function countAs(convention: CountConvention, count: ParameterCount): number {
  switch (convention) {
    case "trunk":
      return count.total - count.pool - count.head;
    case "trunk + pool + head":
      return count.total;
    case "block matrices":
      return count.matrices;
    default:
      return convention satisfies never;
  }
}
