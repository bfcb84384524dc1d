import * as tf from "@tensorflow/tfjs-core";
import { narrowToBfloat16, widenBfloat16 } from "../../files/half.ts";
import { type DataOf, type DType, type HostTensor, hostTensor, newData } from "../../host-tensor.ts";
import { visibleType } from "../../trace/visible-type.ts";

/** A host tensor on the current tfjs backend. The values are copied, since tfjs keeps the array that it is given. */
export function tensorOf({ dtype, shape, data }: HostTensor): tf.Tensor {
  return tf.tensor(visibleValues(dtype, data), [...shape], visibleType(dtype));
}

function visibleValues(dtype: DType, data: DataOf): Int32Array | Float32Array | Uint8Array {
  if (dtype === "uint8") return Int32Array.from(data);
  if (!(data instanceof Uint16Array)) return data.slice();
  const widened = new Float32Array(data.length);
  widenBfloat16(data, widened);
  return widened;
}

/** Values that tfjs read back, as the array of a graph's dtype; tfjs keeps booleans in whatever array it has. */
export function dataOf<D extends DType>(dtype: D, values: ArrayLike<number>): DataOf<D> {
  if (dtype === "bfloat16") return narrowToBfloat16(Float32Array.from(values)) as DataOf<D>;
  const data = newData(dtype, values.length);
  data.set(values);
  return data;
}

/** {@link dataOf} with its type. */
export function hostOf(dtype: DType, shape: readonly number[], values: ArrayLike<number>): HostTensor {
  return hostTensor(dtype, [...shape], dataOf(dtype, values));
}
