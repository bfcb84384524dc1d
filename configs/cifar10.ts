/**
 * A ViT-22B of 2.7 M parameters on all of CIFAR-10: 40 epochs of random crops and flips.
 *
 * Takes   not run in full yet; 0.67 s a step (192 images/s) over 60 steps on 2 cores of an AMD EPYC with AVX-512, which
 *         makes 2.9 h
 * Reaches not measured yet
 * Data    pnpm vitscale download cifar10; or Parquet files, data/cifar10/cifar10-{train,test}.parquet, with the images in a column.
 *         VITSCALE_DATA=<folder that holds cifar10/>, or --data, where they lie elsewhere.
 * Run     pnpm vitscale train configs/cifar10.ts
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cifar10, flip, parquet, randomCrop } from "@vitscale/data";
import { dataFolder, type TrainConfig } from "@vitscale/train";
import { vit22b } from "@vitscale/vit";

const folder = dataFolder("cifar10");

/** Parquet files where they lie in the folder; otherwise the binary files of the original archive. */
function images(split: "train" | "test") {
  const file = join(folder, `cifar10-${split}.parquet`);
  return existsSync(file) ? parquet({ files: [file] }) : cifar10({ folder, split });
}

export default {
  // Patches of 4 make 64 tokens. At this size an MLP of twice the width gives more for its time than one of four times.
  model: vit22b("Ti/4", { imageSide: 32, classes: 10, depth: 9, mlpWidth: 384, pooling: "gap" }),
  data: { source: images("train"), preprocess: [randomCrop({ size: 32, padding: 4 }), flip()] },
  batchSize: 128,
  steps: 15_600,
  loss: { kind: "softmax", labelSmoothing: 0.1 },
  learningRate: 1.5e-3,
  schedule: { kind: "cosine", warmupSteps: 1000 },
  optimizer: { kind: "adamw", weightDecay: 0.1, beta2: 0.99 },
  evaluations: { test: { data: { source: images("test") }, everySteps: 1950 } },
  logEverySteps: 50,
} satisfies TrainConfig;
