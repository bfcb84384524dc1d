/**
 * Fine-tuning at a higher resolution: weights go on at 32 pixels and at 48, where 16 positions become 36.
 *
 * Claim   fine-tuning at a higher resolution adds accuracy (Zhai et al. 2022, appendix D, whose recipe this is: SGD with momentum, no
 *         decay, clipping at 1, cosine)
 * Needs   runs/ablations/pretrained, see pretrained.ts
 * Run     pnpm vitscale train configs/ablations/resolution.ts --out runs/ablations/resolution --seeds 0,1,2
 */
import { resize } from "@vitscale/data";
import type { TrainConfig } from "@vitscale/train";
import base from "./base.ts";

function at(imageSide: number): TrainConfig {
  const enlarge = imageSide === 32 ? [] : [resize({ size: imageSide })];
  return {
    ...base,
    name: `side=${imageSide}`,
    model: { ...base.model, imageSide },
    data: { ...base.data, preprocess: [...base.data.preprocess, ...enlarge] },
    start: { kind: "run", run: "runs/ablations/pretrained" },
    steps: 400,
    learningRate: 0.01,
    schedule: { kind: "cosine", warmupSteps: 50 },
    optimizer: { kind: "sgd" },
    evaluations: { test: { data: { ...base.evaluations.test.data, preprocess: enlarge }, everySteps: 200 } },
  };
}

export default [at(32), at(48)];
