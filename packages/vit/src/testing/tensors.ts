import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { type HostTensor, isHostTensor, treeMap } from "@vitscale/core";
import type { ViTParameters } from "../parameters.ts";

/** A host tensor as a tensor of the registered tfjs backend. */
export function toTensor({ data, shape }: HostTensor): tf.Tensor {
  return tf.tensor(data, [...shape]);
}

/** A parameter tree of tensors of the registered tfjs backend. */
export function toTensors(params: ViTParameters<HostTensor>): ViTParameters<tf.Tensor> {
  return treeMap(toTensor, params, isHostTensor) as ViTParameters<tf.Tensor>;
}

/** The largest difference between a tensor's values and the expected ones. */
export function largestDifference(tensor: tf.Tensor, expected: ArrayLike<number>): number {
  const values = tensor.dataSync<"float32">();
  if (values.length !== expected.length) throw new RangeError(`${values.length} values, expected ${expected.length}`);
  return values.reduce((largest, value, index) => Math.max(largest, Math.abs(value - expected[index]!)), 0);
}
