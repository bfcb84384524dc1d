import { defaultEngine, type Engine, type HostTensor } from "@vitscale/core";
import type { FeatureOptions, ScoreImages } from "@vitscale/eval";
import { type CheckpointFacts, readCheckpoint } from "./checkpoints/file.ts";
import type { ResolvedConfig } from "./config/train-config.ts";
import { compileAttentionMaps } from "./look/attention-map.ts";
import { compileScorer } from "./score-images.ts";
import { modelOf } from "./transfer/weights.ts";

/** A model out of a checkpoint. */
export interface TrainedModel extends Pick<CheckpointFacts, "step"> {
  readonly config: ResolvedConfig;
  readonly score: ScoreImages;
  /** Where it looks: see `attentionRollout`. */
  readonly attention: (images: HostTensor<"uint8">) => Promise<HostTensor<"float32">>;
  dispose(): void | Promise<void>;
}

/** How {@link loadTrainedModel} uses a model. */
export interface TrainedModelOptions {
  readonly engine?: Engine;
  /** Intermediates that `score` gives instead of logits. */
  readonly features?: FeatureOptions;
}

/**
 * The model of a checkpoint, with averaged parameters where the run keeps them. The file alone suffices: it holds the configuration.
 *
 * @throws Error naming what is wrong with the file.
 */
export async function loadTrainedModel(
  path: string,
  { engine = defaultEngine(), features }: TrainedModelOptions = {},
): Promise<TrainedModel> {
  const checkpoint = await readCheckpoint(path);
  const config = checkpoint.config as ResolvedConfig;
  const { params } = modelOf(checkpoint);
  const scorer = compileScorer(config.model, config.pixels, engine, { ...(features && { features }) });
  const maps = compileAttentionMaps(config.model, config.pixels, engine);
  return {
    config,
    step: checkpoint.step,
    score: (images) => scorer.score(params, images),
    attention: (images) => maps.of(params, images),
    async dispose() {
      await scorer.dispose();
      await maps.dispose();
    },
  };
}
