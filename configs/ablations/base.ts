/**
 * The run that the studies in this folder vary: a ViT-22B of 0.3 M parameters on CIFAR-10 in 16 patches, random crops and flips,
 * big_vision's Adafactor, rsqrt with a cool-down. It is small and short, 64,000 images, so that every study has three seeds.
 *
 * Data    as configs/cifar10.ts
 * Run     pnpm vitscale train configs/ablations/optimizer.ts --out runs/ablations/optimizer --seeds 0,1,2, and so on
 * Table   pnpm vitscale runs runs/ablations
 */
import type { TrainConfig } from "@vitscale/train";
import { vit22b } from "@vitscale/vit";
import cifar10 from "../cifar10.ts";

export default {
  model: vit22b("Ti/8", { imageSide: 32, classes: 10, width: 96, depth: 4, heads: 3, mlpWidth: 192, pooling: "gap" }),
  data: cifar10.data,
  batchSize: 64,
  steps: 1000,
  learningRate: 2e-3,
  schedule: { kind: "rsqrt", timescale: 300, warmupSteps: 100, cooldownSteps: 200 },
  optimizer: { kind: "adafactor", weightDecay: 0.05, beta2Cap: 0.99 },
  evaluations: { test: { ...cifar10.evaluations.test, everySteps: 500 } },
  logEverySteps: 50,
  checkpoints: { everySteps: 1000, keep: 1 },
} satisfies TrainConfig;
