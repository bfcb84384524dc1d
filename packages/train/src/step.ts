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
  /** Logits [batch, classes] of normalised images. */
  readonly predict: (params: P, images: tf.Tensor) => tf.Tensor;
  /** Loss of each example, [batch]. */
  readonly loss: (logits: tf.Tensor, labels: Labels) => tf.Tensor;
  readonly optimizer: Optimizer;
  readonly pixels: PixelStatistics;
  readonly classes: number;
  /** Largest global norm of the gradients; Infinity does not clip. */
  readonly clipNorm: number;
}

/** Scalars of one step; with `mixup`, the batch is mixed by that coefficient. */
export type TrainScalars = StepScalars & { readonly mixup?: tf.Tensor };

/**
 * One step of training as a pure function `(state, batch, scalars) → { state, metrics }`: normalise, mix, forward, backward, clip,
 * update. It runs eagerly or jitted, where the state is donated so that the new one takes its place in memory.
 *
 * Metrics are float32 scalars: `train/loss` and `optim/grad-norm`, the global norm before clipping.
 */
export function trainStep<P>({ predict, loss, optimizer, pixels, classes, clipNorm }: StepParts<P>) {
  const differentiate = valueAndGrad((params: P, images: tf.Tensor, labels: Labels) =>
    meanOf(loss(predict(params, images), labels)),
  );

  return function step(state: TrainState<P>, batch: Batch, scalars: TrainScalars) {
    const normalized = normalizeImages(batch.images, pixels);
    const { images, labels } =
      scalars.mixup === undefined
        ? { images: normalized, labels: batch.labels }
        : mixExamples(normalized, batch.labels, { coefficient: scalars.mixup, classes });

    const { value, gradients } = differentiate(state.params, images, labels);
    const { gradients: clipped, norm } =
      clipNorm === Infinity ? { gradients, norm: globalNorm(gradients) } : clipByGlobalNorm(gradients, clipNorm);
    const updated = optimizer.update(clipped, state.optimizer, state.params, scalars);

    return {
      state: { params: updated.params, optimizer: updated.state },
      metrics: { "train/loss": value, "optim/grad-norm": norm },
    };
  };
}
