/**
 * What does a small ViT-22B look at, and whom does it serve worse? Its training images tie texture and light to the shape: three in four have
 * the texture that goes with their shape, and most are of the group "warm". The evaluations ask by images in which the cues conflict, by
 * groups, and by confidence. Needs no download.
 *
 * Takes   8 min on 2 cores beside other work (load average about 15; 95 s of CPU)
 * Reaches 24.1 % top-1 on the validation images (one seed; chance is 6.3 %), expected calibration error 0.048, accuracy 5.0 points lower for the
 *         group that is rare in training; shape bias 0.75 where cues conflict, but only 28 % of decisions there are for either cue
 * Run     pnpm vitscale train configs/evaluated-shapes.ts
 *         pnpm vitscale eval runs/evaluated-shapes --suite corruptions --on validation
 */
import { flip, generatedShapes } from "@vitscale/data";
import type { TrainConfig } from "@vitscale/train";
import { vit22b } from "@vitscale/vit";

const side = 32;
// 85 % of the images are warm.
const groups = { groupShare: 0.15 };

export default {
  model: vit22b("Ti/4", { imageSide: side, classes: 16, width: 96, depth: 4, mlpWidth: 192, pooling: "gap" }),
  data: {
    source: generatedShapes({ length: 8192, side, seed: 0, textureCorrelation: 0.75, ...groups }),
    preprocess: [flip()],
  },
  batchSize: 64,
  steps: 400,
  learningRate: 2e-3,
  schedule: { kind: "cosine", warmupSteps: 50 },
  optimizer: { kind: "adamw", weightDecay: 0.05, beta2: 0.99 },
  evaluations: {
    validation: {
      data: { source: generatedShapes({ length: 1024, side, seed: 1, textureCorrelation: 0.75, groupShare: 0.5 }) },
      everySteps: 200,
      suites: ["calibration", "fairness"],
    },
    conflict: {
      data: { source: generatedShapes({ length: 1024, side, seed: 2, cueConflict: true }) },
      everySteps: 200,
      suites: ["human"],
    },
  },
} satisfies TrainConfig;
