import * as tf from "@tensorflow/tfjs-core";
import { treeEntries, valueAndGrad } from "@vitscale/core";
import { type Averages, updateAverages } from "./averaging.ts";
import { type Observations, observeUpdate } from "./diagnostics/observe.ts";
import { mixExamples, normalizeImages, type PixelStatistics } from "./images.ts";
import { pickLeaves, replaceLeaves } from "./leaves.ts";
import { type Labels, meanOf } from "./losses.ts";
import { clipByNorm, globalNorm } from "./optimizers/clip.ts";
import type { Optimizer, OptimizerState, Spread, StepScalars } from "./optimizers/optimizer.ts";

/** What training changes: everything that a checkpoint must hold besides the position in the data. */
export interface TrainState<P> {
  readonly params: P;
  readonly optimizer: OptimizerState;
  /** Averages over the steps, where they are wanted. */
  readonly average?: Averages;
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
  /** The same with what is to be watched on the way, in steps that are observed; without it nothing inside the model is. */
  readonly observe?: (params: P, images: tf.Tensor, key?: tf.Tensor) => Observed;
  /** What of an update is watched, in steps that are observed; the norms of the model's parts unless given. */
  readonly observeUpdate?: typeof observeUpdate;
  /** Loss of each example, [batch]. The targets are the labels, or a teacher's logits where the step is given some. */
  readonly loss: (logits: tf.Tensor, targets: Labels) => tf.Tensor;
  readonly optimizer: Optimizer;
  readonly pixels: PixelStatistics;
  readonly classes: number;
  /** Largest global norm of the gradients; Infinity does not clip. */
  readonly clipNorm: number;
  /** The ranks that share the step, each with its part of the batch or of the model; one rank does it alone unless given. */
  readonly ranks?: StepRanks;
}

/** What a step does with other ranks: `gradientsOnMesh` of @vitscale/sharding makes one. */
export interface StepRanks {
  readonly count: number;
  /** Gradients by name, summed over the ranks that have copies of a parameter. */
  sum<Gradients>(gradients: Gradients): Gradients;
  /** The global norm of gradients, the same on all ranks. */
  norm(gradients: unknown): tf.Scalar;
  /** The norms of several trees, by their names. */
  norms(trees: Readonly<Record<string, unknown>>): Readonly<Record<string, tf.Tensor>>;
  /** The sum of a tensor over all ranks. */
  total(value: tf.Tensor): tf.Tensor;
  /** The largest of all ranks, element by element. */
  maximum(value: tf.Tensor): tf.Tensor;
  /** How a parameter is spread over ranks. */
  spreadOf(name: string): Spread;
}

/** Logits, and scalars by name. */
export interface Observed {
  readonly logits: tf.Tensor;
  readonly observations: Observations;
}

/** What is new in every step beside the batch. */
export type StepInputs = StepScalars & {
  /** The coefficient by which the batch is mixed; the batch stays as it is without one. */
  readonly mixup?: tf.Tensor;
  /** Random key of the step, int32 [2], for a model with dropout. */
  readonly key?: tf.Tensor;
  /** Logits [batch, classes] that a teacher gave for the same images, mixed alike: the targets instead of the labels. */
  readonly teacherLogits?: tf.Tensor;
  /** The weight of the newest parameters in the averages, where the state has averages. */
  readonly averagingShare?: tf.Tensor;
};

/** Options of a train step. */
export interface StepOptions {
  /** Also watch the model on its way, the gradients and the updates. */
  readonly isObserved?: boolean;
}

/** Float32 scalars by name: `train/loss` and `optim/grad-norm`, the global norm before clipping. */
export type StepMetrics = Readonly<Record<"train/loss" | "optim/grad-norm", tf.Tensor>>;

/**
 * One step of training as a pure function `(state, batch, inputs) → { state, metrics, observations }`: normalise, mix, forward,
 * backward, clip, update, average. It runs eagerly or jitted, where the state is donated so that the new one takes its place in memory.
 */
export function trainStep<P>(parts: StepParts<P>, options: StepOptions = {}) {
  const differentiate = lossAndGradients(parts, options);
  const update = applyGradients(parts, options);

  return function step(state: TrainState<P>, batch: Batch, inputs: StepInputs) {
    const { loss, gradients, observations } = differentiate(state.params, batch, inputs);
    const updated = update(state, { loss, gradients }, inputs);
    return {
      state: updated.state,
      metrics: updated.metrics,
      observations: { ...observations, ...updated.observations },
    };
  };
}

/** What the first half of a step finds. */
export interface LossAndGradients {
  readonly loss: tf.Tensor;
  /** By the trained parameters' names. */
  readonly gradients: Readonly<Record<string, tf.Tensor>>;
}

/**
 * The first half of a step: the mean loss of a batch, and its gradients by the trained parameters, by name; where ranks share the step,
 * this rank's share of both. Frozen parameters are constants, so the backward pass ends where the last trained one is.
 */
export function lossAndGradients<P>(parts: StepParts<P>, { isObserved = false }: StepOptions = {}) {
  const { predict, observe, loss, optimizer, pixels, classes, ranks } = parts;
  const run: (params: P, images: tf.Tensor, key?: tf.Tensor) => Observed =
    isObserved && observe !== undefined
      ? observe
      : (params, images, key) => ({ logits: predict(params, images, key), observations: {} });
  const differentiate = valueAndGrad(
    (trained: Readonly<Record<string, tf.Tensor>>, params: P, images: tf.Tensor, targets: Labels, key?: tf.Tensor) => {
      const { logits, observations } = run(replaceLeaves(params, trained), images, key);
      const mean = meanOf(loss(logits, targets));
      // Ranks differentiate the sum of their losses, so each is a share of it.
      return [ranks ? tf.div(mean, ranks.count) : mean, observations] as const;
    },
    { hasAux: true },
  );

  return function gradientsOf(params: P, batch: Batch, inputs: Pick<StepInputs, "mixup" | "key" | "teacherLogits">) {
    const { images, labels } = prepareBatch(batch, inputs.mixup, { pixels, classes });
    const names = optimizer.trainable(treeEntries(params).map(([name]) => name));
    const trained = pickLeaves<tf.Tensor>(params, names);
    const { value, gradients, aux } = differentiate(
      trained,
      params,
      images,
      inputs.teacherLogits ?? labels,
      inputs.key,
    );
    return { loss: value as tf.Tensor, gradients, observations: aux };
  };
}

/** The second half of a step: adds up what ranks have, clips the gradients, updates the parameters, and moves their averages. */
export function applyGradients<P>(
  { optimizer, clipNorm, ranks, observeUpdate: observe = observeUpdate }: StepParts<P>,
  { isObserved = false }: StepOptions = {},
) {
  return function update(state: TrainState<P>, own: LossAndGradients, inputs: StepScalars) {
    const gradients = ranks ? ranks.sum(own.gradients) : own.gradients;
    const norm = ranks ? ranks.norm(gradients) : globalNorm(gradients);
    const clipped = clipNorm === Infinity ? gradients : clipByNorm(gradients, norm, clipNorm);
    const { params, state: slots } = optimizer.update(clipped, state.optimizer, state.params, inputs, ranks?.spreadOf);
    return {
      state: { params, optimizer: slots, ...averagesAfter(state, params, inputs.averagingShare) },
      metrics: {
        "train/loss": ranks ? ranks.total(own.loss) : tf.clone(own.loss),
        "optim/grad-norm": norm,
      } satisfies StepMetrics,
      observations: isObserved ? observe(gradients, state.params, params, ranks) : {},
    };
  };
}

/** Images as the model reads them, with their labels; mixed where there is a coefficient. */
export function prepareBatch(
  batch: Batch,
  mixup: tf.Tensor | undefined,
  { pixels, classes }: { readonly pixels: PixelStatistics; readonly classes: number },
): { readonly images: tf.Tensor; readonly labels: Labels } {
  const images = normalizeImages(batch.images, pixels);
  if (mixup === undefined) return { images, labels: batch.labels };
  return mixExamples(images, batch.labels, { coefficient: mixup, classes });
}

function averagesAfter<P>({ average }: TrainState<P>, params: P, share: tf.Tensor | undefined) {
  if (average === undefined) return {};
  if (share === undefined) throw new RangeError("the state has averages; give the step an averagingShare");
  return { average: updateAverages(average, pickLeaves(params, new Set(Object.keys(average))), share) };
}
