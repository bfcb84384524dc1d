/**
 * What does a run leave behind? Half a minute of training for a look at everything in the dashboard: curves, attention by layer, calibration, groups
 * of images, whether shapes or textures decide, the worst mistakes. Needs no download.
 *
 * Takes   22 s on 2 cores beside other work (load average 4; 31 s of CPU)
 * Reaches 16.4 % top-1 on the validation images and 20.1 % where shapes and textures conflict (one seed; chance is 6.3 %)
 * Run     pnpm vitscale train configs/first-look.ts
 *         pnpm vitscale eval runs/first-look --suite corruptions --corruptions.severities '[1,3,5]'
 *         pnpm dashboard
 */
import { flip, generatedShapes } from "@vitscale/data";
import type { TrainConfig } from "@vitscale/train";
import { vit22b } from "@vitscale/vit";

const side = 32;
const images = { side, textureCorrelation: 0.75 };

export default {
  model: vit22b("mu/4", { imageSide: side, classes: 16, width: 64, depth: 3, heads: 2, mlpWidth: 128, pooling: "gap" }),
  data: { source: generatedShapes({ length: 4096, seed: 0, ...images }), preprocess: [flip()] },
  batchSize: 32,
  steps: 600,
  learningRate: 3e-3,
  schedule: { kind: "cosine", warmupSteps: 60 },
  evaluations: {
    validation: {
      data: { source: generatedShapes({ length: 512, seed: 1, ...images }) },
      everySteps: 200,
      suites: ["calibration", "fairness"],
    },
    conflict: {
      data: { source: generatedShapes({ length: 512, seed: 2, side, cueConflict: true }) },
      everySteps: 200,
      suites: ["human"],
    },
  },
  logEverySteps: 5,
  stability: { observeEverySteps: 20 },
} satisfies TrainConfig;
