import * as tf from "@tensorflow/tfjs-core";
import {
  type Engine,
  isDeviceTensor,
  isHostTensor,
  jit,
  type MapLeaves,
  type TensorLike,
  treeEntries,
} from "@vitscale/core";

/** Finds parameters that a step has made infinite or NaN: its loss and its gradients were measured before. */
export interface FiniteCheck<P> {
  /** Path of the first parameter that holds something that is no finite number. */
  firstInfinite(params: MapLeaves<P, tf.Tensor, TensorLike>): Promise<string | undefined>;
  dispose(): Promise<void>;
}

/** Compiles at its first use. It reads every parameter once: a small part of a step. */
export function finiteCheck<P>(engine?: Engine): FiniteCheck<P> {
  const areFinite = jit(
    (params: P) =>
      tf.stack(treeEntries<tf.Tensor>(params).map(([, leaf]) => tf.cast(tf.all(tf.isFinite(leaf)), "int32"))),
    { name: "finite parameters", ...(engine && { engine }) },
  );
  return {
    async firstInfinite(params) {
      const answer = await areFinite(params);
      const at = (await answer.read()).indexOf(0);
      answer.dispose();
      return treeEntries(params, (leaf) => isDeviceTensor(leaf) || isHostTensor(leaf))[at]?.[0];
    },
    dispose: areFinite.dispose,
  };
}
