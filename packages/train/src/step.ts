import type * as tf from "@tensorflow/tfjs-core";
import { valueAndGrad } from "@vitscale/core";
import { mixExamples, normalizeImages, type PixelStatistics } from "./images.ts";
import { type Labels, meanOf } from "./losses.ts";
import { clipByGlobalNorm, globalNorm } from "./optimizers/clip.ts";
import type { Optimizer, OptimizerState, StepScalars } from "./optimizers/optimizer.ts";

/** What training changes: everything that a checkpoint must hold besides the position in the data. */
export interface TrainState<P> {
  readonly params: P;
  readonly optimizer: OptimizerState;
}

/** One batch as the data pipeline yields it. */
export interface Batch {
  /** [batch, height, width, channels]: int32 from bytes, or float32 already normalised. */
  readonly images: tf.Tensor;
  readonly labels: Labels;
}

/** The parts that a train step is made of. */
export interface StepParts<P> {
  /** Logits [batch, classes] of normalised images. A model with dropout takes the step's random key. */
  readonly predict: (params: P, images: tf.Tensor, key?: tf.Tensor) => tf.Tensor;
  /** Loss of each example, [batch]. */
  readonly loss: (logits: tf.Tensor, labels: Labels) => tf.Tensor;
  readonly optimizer: Optimizer;
  readonly pixels: PixelStatistics;
  readonly classes: number;
  /** Largest global norm of the gradients; Infinity does not clip. */
  readonly clipNorm: number;
}

/** What is new in every step beside the batch. */
export type StepInputs = StepScalars & {
  /** The coefficient by which the batch is mixed; the batch stays as it is without one. */
  readonly mixup?: tf.Tensor;
  /** Random key of the step, int32 [2], for a model with dropout. */
  readonly key?: tf.Tensor;
};

/**
 * One step of training as a pure function `(state, batch, inputs) → { state, metrics }`: normalise, mix, forward, backward, clip,
 * update. It runs eagerly or jitted, where the state is donated so that the new one takes its place in memory.
 *
 * Metrics are float32 scalars: `train/loss` and `optim/grad-norm`, the global norm before clipping.
 */
export function trainStep<P>({ predict, loss, optimizer, pixels, classes, clipNorm }: StepParts<P>) {
  const differentiate = valueAndGrad((params: P, images: tf.Tensor, labels: Labels, key?: tf.Tensor) =>
    meanOf(loss(predict(params, images, key), labels)),
  );

  return function step(state: TrainState<P>, batch: Batch, inputs: StepInputs) {
    const normalized = normalizeImages(batch.images, pixels);
    const { images, labels } =
      inputs.mixup === undefined
        ? { images: normalized, labels: batch.labels }
        : mixExamples(normalized, batch.labels, { coefficient: inputs.mixup, classes });

    const { value, gradients } = differentiate(state.params, images, labels, inputs.key);
    const { gradients: clipped, norm } =
      clipNorm === Infinity ? { gradients, norm: globalNorm(gradients) } : clipByGlobalNorm(gradients, clipNorm);
    const updated = optimizer.update(clipped, state.optimizer, state.params, inputs);

    return {
      state: { params: updated.params, optimizer: updated.state },
      metrics: { "train/loss": value, "optim/grad-norm": norm },
    };
  };
}
