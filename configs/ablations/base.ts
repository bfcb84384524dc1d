/**
 * The run that the studies in this folder vary, and whose weights some of them begin with: a ViT-22B of 0.3 M parameters on CIFAR-10,
 * 5 epochs of random crops and flips, big_vision's Adafactor, rsqrt with a cool-down.
 *
 * Data    as configs/cifar10.ts
 * Run     pnpm vitscale train configs/ablations/base.ts --out runs/ablations/base
 * Study   pnpm vitscale train configs/ablations/optimizer.ts --out runs/ablations/optimizer --seeds 0,1,2
 * Table   pnpm vitscale runs runs/ablations
 */
import type { TrainConfig } from "@vitscale/train";
import { vit22b } from "@vitscale/vit";
import cifar10 from "../cifar10.ts";

export default {
  model: vit22b("Ti/4", { imageSide: 32, classes: 10, width: 96, depth: 4, heads: 3, mlpWidth: 192, pooling: "gap" }),
  data: cifar10.data,
  batchSize: 128,
  steps: 2000,
  learningRate: 2e-3,
  schedule: { kind: "rsqrt", timescale: 500, warmupSteps: 200, cooldownSteps: 400 },
  optimizer: { kind: "adafactor", weightDecay: 0.05, beta2Cap: 0.99 },
  evaluations: { test: { ...cifar10.evaluations.test, everySteps: 1000 } },
  logEverySteps: 50,
  checkpoints: { everySteps: 1000, keep: 1 },
} satisfies TrainConfig;
