import type * as tf from "@tensorflow/tfjs-core";
import { type Labels, sigmoidCrossEntropy, softmaxCrossEntropy } from "../losses.ts";
import { adamw } from "../optimizers/adamw.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { sgd } from "../optimizers/sgd.ts";
import type { LossConfig, OptimizerConfig } from "./train-config.ts";

/** The loss that a configuration describes, for each example. */
export function buildLoss(config: LossConfig): (logits: tf.Tensor, labels: Labels) => tf.Tensor {
  switch (config.kind) {
    case "softmax": {
      const { labelSmoothing = 0 } = config;
      return (logits, labels) => softmaxCrossEntropy(logits, labels, { labelSmoothing });
    }
    case "sigmoid":
      return sigmoidCrossEntropy;
    default:
      return config satisfies never;
  }
}

/** The optimizer that a configuration describes. */
export function buildOptimizer({ kind, ...options }: OptimizerConfig): Optimizer {
  switch (kind) {
    case "adamw":
      return adamw(options);
    case "sgd":
      return sgd(options);
    default:
      return kind satisfies never;
  }
}
