import * as tf from "@tensorflow/tfjs-core";
import { type DataOf, type DType, type HostTensor, hostTensor, newData } from "../../host-tensor.ts";

/** Element types of tfjs that stand for those of a graph: tfjs has no bytes, so these are integers there. */
export function visibleType(dtype: DType): Exclude<DType, "uint8"> {
  return dtype === "uint8" ? "int32" : dtype;
}

/** A host tensor on the current tfjs backend. The values are copied, since tfjs keeps the array that it is given. */
export function tensorOf({ dtype, shape, data }: HostTensor): tf.Tensor {
  const values = dtype === "uint8" ? Int32Array.from(data) : data.slice();
  return tf.tensor(values, [...shape], visibleType(dtype));
}

/** Values that tfjs read back, as the array of a graph's dtype; tfjs keeps booleans in whatever array it has. */
export function dataOf<D extends DType>(dtype: D, values: ArrayLike<number>): DataOf<D> {
  const data = newData(dtype, values.length);
  data.set(values);
  return data;
}

/** {@link dataOf} with its type. */
export function hostOf(dtype: DType, shape: readonly number[], values: ArrayLike<number>): HostTensor {
  return hostTensor(dtype, [...shape], dataOf(dtype, values));
}
