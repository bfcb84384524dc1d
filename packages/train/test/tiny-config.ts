import { generatedShapes } from "@vitscale/data";
import { vit22b } from "@vitscale/vit";
import type { TrainConfig } from "../src/config/train-config.ts";

const source = generatedShapes({ length: 64, side: 16, look: "silhouette" });

/** A run of a second, for tests of the program. */
const tiny = {
  model: vit22b("mu/4", { imageSide: 16, classes: 16 }),
  data: { source },
  loader: { workers: 1 },
  batchSize: 8,
  steps: 48,
  learningRate: 1e-3,
  schedule: { kind: "cosine", warmupSteps: 8 },
  evaluations: { validation: { data: { source }, everySteps: 16 } },
  logEverySteps: 4,
  checkpoints: { everySteps: 5 },
} satisfies TrainConfig;

/** A run of a few steps with all that a run writes, each at intervals of its own. */
export const crashConfig = {
  ...tiny,
  loader: { workers: 0 },
  steps: 8,
  schedule: { kind: "constant" },
  evaluations: { validation: { data: { source: generatedShapes({ length: 16, side: 16, seed: 1 }) }, everySteps: 3 } },
  logEverySteps: 3,
  checkpoints: { everySteps: 2, keep: 1, best: { metric: "validation/loss", prefer: "low" } },
} satisfies TrainConfig;

// biome-ignore lint/style/noDefaultExport: the program reads the default export
export default tiny;
