import * as tf from "@tensorflow/tfjs-core";
import type { DeviceTensor } from "@vitscale/core";
import { normalizeImages, type PixelStatistics } from "./images.ts";
import type { Labels } from "./losses.ts";
import type { Batch } from "./step.ts";

/** The model and the loss that an evaluation runs. */
export interface EvaluationParts<P> {
  /** Logits [batch, classes] of normalised images. */
  readonly predict: (params: P, images: tf.Tensor) => tf.Tensor;
  /** Loss of each example, [batch]. */
  readonly loss: (logits: tf.Tensor, labels: Labels) => tf.Tensor;
  readonly pixels: PixelStatistics;
}

/** A batch in which the mask is 1 for examples and 0 for the padding that fills the last batch. */
export interface MaskedBatch extends Batch {
  readonly mask: tf.Tensor;
}

/** Sums over the examples of a batch; the means follow once all batches are in. */
export interface EvaluationSums<T> {
  readonly loss: T;
  readonly correct: T;
  readonly examples: T;
}

/**
 * The evaluation of one batch as a pure function of parameters and batch, to be jitted.
 *
 * An example is correct when the class of its largest logit is its label, or any of its labels where it has several (Beyer et al. 2020,
 * "Are we done with ImageNet?"); where labels are mixed, the weight of that class counts. As there and in big_vision, an example without a
 * label is left out of all three sums.
 */
export function evaluationStep<P>({ predict, loss, pixels }: EvaluationParts<P>) {
  return function evaluate(params: P, batch: MaskedBatch): EvaluationSums<tf.Tensor> {
    const logits = predict(params, normalizeImages(batch.images, pixels));
    const mask = tf.mul(tf.cast(batch.mask, "float32"), hasLabel(batch.labels));
    const sum = (values: tf.Tensor) => tf.sum(tf.mul(values, mask));
    return {
      loss: sum(loss(logits, batch.labels)),
      correct: sum(correctness(logits, batch.labels)),
      examples: tf.sum(mask),
    };
  };
}

/** Means over all batches: `loss` in nats, `top1` as a share of 0 … 1. */
export async function meanMetrics(
  sums: readonly EvaluationSums<DeviceTensor>[],
): Promise<{ loss: number; top1: number; examples: number }> {
  const total = { loss: 0, correct: 0, examples: 0 };
  for (const batch of sums) {
    for (const name of ["loss", "correct", "examples"] as const) {
      total[name] += (await batch[name].read())[0] as number;
      batch[name].dispose();
    }
  }
  if (total.examples === 0) throw new RangeError("the evaluation data holds no examples");
  return { loss: total.loss / total.examples, top1: total.correct / total.examples, examples: total.examples };
}

/** 1 for examples that have a label, [batch]; class numbers are one each. */
function hasLabel(labels: Labels): tf.Tensor {
  return labels.rank === 1 ? tf.scalar(1) : tf.cast(tf.greater(tf.max(labels, -1), 0), "float32");
}

function correctness(logits: tf.Tensor, labels: Labels): tf.Tensor {
  const classes = logits.shape[1] as number;
  const prediction = tf.argMax(logits, -1);
  if (labels.rank === 1) return tf.cast(tf.equal(prediction, labels), "float32");
  return tf.sum(tf.mul(tf.oneHot(prediction as tf.Tensor1D, classes, 1, 0, "float32"), labels), -1);
}
