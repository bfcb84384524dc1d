/**
 * A ViT-22B of 0.8 M parameters on all of CIFAR-10: 24 epochs of random crops and flips.
 *
 * Takes   55 min on 2 cores of an AMD EPYC with AVX-512, beside other work (load average 10 to 20): 260 to 450 images/s
 * Reaches 78.8 % top-1 on the test images (one seed); 60.2 % after 1560 steps (9 min), 68.0 % after 3120, 75.4 % after 6240
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
  model: vit22b("Ti/4", { imageSide: 32, classes: 10, width: 128, depth: 6, heads: 4, mlpWidth: 256, pooling: "gap" }),
  data: { source: images("train"), preprocess: [randomCrop({ size: 32, padding: 4 }), flip()] },
  batchSize: 128,
  steps: 9360,
  loss: { kind: "softmax", labelSmoothing: 0.1 },
  learningRate: 2e-3,
  schedule: { kind: "cosine", warmupSteps: 800 },
  optimizer: { kind: "adamw", weightDecay: 0.1, beta2: 0.99 },
  evaluations: { test: { data: { source: images("test") }, everySteps: 1560 } },
  logEverySteps: 50,
} satisfies TrainConfig;
