import type * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, defaultEngine, type Engine, type HostTensor, jit, type MapLeaves } from "@vitscale/core";
import type { ScoreImages } from "@vitscale/eval";
import { apply, type ViTConfig, type ViTParameters } from "@vitscale/vit";
import { type CheckpointFacts, readCheckpoint } from "./checkpoints/file.ts";
import { restore } from "./checkpoints/restore.ts";
import { buildOptimizer } from "./config/build.ts";
import type { ResolvedConfig } from "./config/train-config.ts";
import { normalizeImages, type PixelStatistics } from "./images.ts";
import { finalParameters, initialState } from "./initial-state.ts";

/** Parameters in host memory or in an engine's. */
type ParametersInMemory = MapLeaves<ViTParameters<tf.Tensor>, tf.Tensor, DeviceTensor | HostTensor>;

/** A model that says what it sees in images. Dispose of it after use. */
export interface ImageScorer {
  /** Logits [rows, classes] of images as the data pipeline gives them. */
  score(params: ParametersInMemory, images: Parameters<ScoreImages>[0]): ReturnType<ScoreImages>;
  dispose(): void | Promise<void>;
}

/** A model's forward pass from the pipeline's images to logits in host memory, compiled at its first batch. */
export function compileScorer(model: ViTConfig, pixels: PixelStatistics, engine: Engine): ImageScorer {
  const forward = (params: ViTParameters<tf.Tensor>, images: tf.Tensor) =>
    apply(params, normalizeImages(images, pixels), model, { keep: () => false }).logits;
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

/** A model out of a checkpoint. */
export interface TrainedModel extends Pick<CheckpointFacts, "step"> {
  readonly config: ResolvedConfig;
  readonly score: ScoreImages;
  dispose(): void | Promise<void>;
}

/**
 * The model of a checkpoint, with averaged parameters where the run keeps them. The file alone suffices: it holds the configuration.
 *
 * @throws Error naming what is wrong with the file.
 */
export async function loadTrainedModel(path: string, engine: Engine = defaultEngine()): Promise<TrainedModel> {
  const checkpoint = await readCheckpoint(path);
  const config = checkpoint.config as ResolvedConfig;
  const params = finalParameters(restore(checkpoint, initialState(config, buildOptimizer(config.optimizer))));
  const scorer = compileScorer(config.model, config.pixels, engine);
  return {
    config,
    step: checkpoint.step,
    score: (images) => scorer.score(params, images),
    dispose: scorer.dispose,
  };
}
