import type * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, type Engine, type HostTensor, jit, type MapLeaves, type nn } from "@vitscale/core";
import { type FeatureOptions, featureFunction, type ScoreImages } from "@vitscale/eval";
import { apply, type ViTConfig, type ViTParameters } from "@vitscale/vit";
import { normalizeImages, type PixelStatistics } from "./images.ts";

/** Parameters in host memory or in an engine's. */
type ParametersInMemory = MapLeaves<ViTParameters<tf.Tensor>, tf.Tensor, DeviceTensor | HostTensor>;

/** A model that says what it sees in images. Dispose of it after use. */
export interface ImageScorer {
  /** Logits [rows, classes] of images as the data pipeline gives them. */
  score(params: ParametersInMemory, images: Parameters<ScoreImages>[0]): ReturnType<ScoreImages>;
  dispose(): void | Promise<void>;
}

/** Options of {@link compileScorer}. */
export interface ScorerOptions {
  /** Intermediates to give instead of logits, [rows, width]. */
  readonly features?: FeatureOptions;
  /** How ranks share the model's features. */
  readonly partition?: nn.Partition;
  /** The logits of all rows of a batch, of which each rank sees a part. */
  readonly gatherRows?: (rows: tf.Tensor) => tf.Tensor;
}

/**
 * A model's forward pass from the pipeline's images to logits in host memory, compiled at its first batch.
 *
 * @param options what to give instead of logits, or the ranks that share model and images
 */
export function compileScorer(
  model: ViTConfig,
  pixels: PixelStatistics,
  engine: Engine,
  { features, partition, gatherRows = (rows) => rows }: ScorerOptions = {},
): ImageScorer {
  const layout = partition && { partition };
  const logits = (params: ViTParameters<tf.Tensor>, images: tf.Tensor) =>
    gatherRows(apply(params, images, model, { keep: () => false, ...layout }).logits);
  const outputs = features === undefined ? logits : featureFunction(model, features);
  const forward = (params: ViTParameters<tf.Tensor>, images: tf.Tensor) =>
    outputs(params, normalizeImages(images, pixels));
  const jitted = jit(forward, { engine, name: "prediction" });
  return {
    async score(params, images) {
      const logits = await jitted(params, images);
      const scores = (await logits.host()) as HostTensor<"float32">;
      logits.dispose();
      return scores;
    },
    dispose: jitted.dispose,
  };
}
