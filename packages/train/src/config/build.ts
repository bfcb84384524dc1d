import type * as tf from "@tensorflow/tfjs-core";
import { distillationLoss, type Labels, sigmoidCrossEntropy, softmaxCrossEntropy } from "../losses.ts";
import { adafactor } from "../optimizers/adafactor.ts";
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
    case "distillation": {
      const { temperature = 1 } = config;
      return (logits, teacherLogits) => distillationLoss(logits, teacherLogits, { temperature });
    }
    default:
      return config satisfies never;
  }
}

/** The loss that evaluations measure: that of training, or, where there is only a teacher to train by, softmax cross-entropy. */
export function buildEvaluationLoss(config: LossConfig): (logits: tf.Tensor, labels: Labels) => tf.Tensor {
  return buildLoss(config.kind === "distillation" ? { kind: "softmax" } : config);
}

/** The optimizer that a configuration describes. */
export function buildOptimizer({ kind, ...options }: OptimizerConfig): Optimizer {
  switch (kind) {
    case "adamw":
      return adamw(options);
    case "adafactor":
      return adafactor(options);
    case "sgd":
      return sgd(options);
    default:
      return kind satisfies never;
  }
}
