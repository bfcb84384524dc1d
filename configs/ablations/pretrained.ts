/**
 * The base, trained six times as long: weights that the studies of resolution and distillation begin with.
 *
 * Run     pnpm vitscale train configs/ablations/pretrained.ts --out runs/ablations/pretrained
 */
import type { TrainConfig } from "@vitscale/train";
import base from "./base.ts";

export default {
  ...base,
  steps: 6000,
  schedule: { kind: "cosine", warmupSteps: 300 },
} satisfies TrainConfig;
