import * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, type Engine, isDeviceTensor } from "../engines/engine.ts";
import { hostOf } from "../engines/tfjs/values.ts";
import { type DType, type HostTensor, hostTensor, newData } from "../host-tensor.ts";
import type { TensorLike } from "./signature.ts";

/** An argument of a call: in the memory of its engine, or a copy in host memory that belongs to the call. */
export type Taken = DeviceTensor | HostTensor;

/**
 * Takes a leaf as it is now, so that a call which has to wait gives what it would have given at once: its caller may write to a host
 * tensor, or dispose of what is no tensor of the engine, as soon as this returns. What another engine has is on its way then.
 */
export function take(leaf: TensorLike, engine: Engine): Taken | Promise<HostTensor> {
  if (isDeviceTensor(leaf)) return leaf.engine === engine ? leaf : leaf.host();
  if (typeof leaf === "number") return hostTensor("float32", [], Float32Array.of(leaf));
  // A tfjs backend hands out the very array that it keeps, of whatever type: its casts may change nothing but the name.
  if (leaf instanceof tf.Tensor) return hostOf(leaf.dtype as DType, leaf.shape, leaf.dataSync());
  const data = newData(leaf.dtype, leaf.data.length);
  // Not `slice`, which in a Buffer of Node copies nothing.
  data.set(leaf.data);
  return { dtype: leaf.dtype, shape: leaf.shape, data };
}

/** Whether nothing is on its way. */
export function areHere(taken: readonly (Taken | Promise<HostTensor>)[]): taken is readonly Taken[] {
  return !taken.some((value) => value instanceof Promise);
}
