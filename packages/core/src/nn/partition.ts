import type * as tf from "@tensorflow/tfjs-core";
import { type LinearParameters, linear } from "./linear.ts";
import { type LayerNormParameters, layerNorm, type NormOptions, type RmsNormParameters, rmsNorm } from "./norm.ts";

/**
 * How ranks share the features of a model, as far as the model's code must know: it calls these instead of the plain layers,
 * and is then the same on one rank and on many. A rank has 1/k of the features of every activation, and whole heads.
 */
export interface Partition {
  /** k, the ranks among which features are shared. */
  readonly ranks: number;
  /** This rank's place among them. */
  readonly position: number;
  /**
   * Parameters as the layers take them, where a rank stores less than that: gathered when they are needed, and in a compiled program
   * not before `after` are computed.
   *
   * @param parameters a tree of parameters, below `path` in the model's
   */
  gather<Parameters>(parameters: Parameters, path: string, ...after: readonly tf.Tensor[]): Parameters;
  /** From shared features to shared features: x [..., n/k] → [..., m/k]. */
  linear(x: tf.Tensor, parameters: LinearParameters): tf.Tensor;
  /** From shared features to features that every rank has: x [..., n/k] → [..., m], for a classifier. */
  linearToWhole(x: tf.Tensor, parameters: LinearParameters): tf.Tensor;
  /** RMS norm over features that are shared; the scale is this rank's part. */
  rmsNorm(x: tf.Tensor, parameters: RmsNormParameters, options?: NormOptions): tf.Tensor;
  /** Layer norm over features that are shared; scale and bias are this rank's part. */
  layerNorm(x: tf.Tensor, parameters: LayerNormParameters, options?: NormOptions): tf.Tensor;
}

/** One rank that has everything. */
export const whole: Partition = {
  ranks: 1,
  position: 0,
  gather: (parameters) => parameters,
  linear,
  linearToWhole: linear,
  rmsNorm,
  layerNorm,
};

/** How a tensor is spread over a mesh. */
export interface PartitionSpec {
  /** Of the whole tensor. */
  readonly shape: readonly number[];
  /** For each axis of the tensor, the mesh axis over which it is cut, or null where every rank has all of it. */
  readonly axes: readonly (string | null)[];
  /**
   * Lengths of the parts that lie side by side along an axis and are cut each by itself: a fused projection [Wq|Wk|Wv|W1] gives a
   * rank its share of each. One part where nothing is given.
   */
  readonly parts?: { readonly [axis: number]: readonly number[] };
}
