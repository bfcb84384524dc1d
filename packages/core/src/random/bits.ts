import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../host-tensor.ts";
import { checkKey, checkShape } from "./checks.ts";
import { threefryBits } from "./threefry.ts";

/**
 * The kernel behind all random numbers: inputs `{key: int32 [2]}`, attributes `{shape}`, one output, int32 of that shape.
 * Element i, counted row by row, is word i of {@link threefryBits}. It has no gradient.
 */
export const randomBitsKernel = "RandomBits";

interface RandomBitsAttributes {
  readonly shape: number[];
}

/**
 * The kernel for any eager backend: reads the key and computes on the host. A backend that has (or records) a kernel of
 * its own under this name keeps it.
 */
function ensureKernel(backendName: string): void {
  if (tf.getKernel(randomBitsKernel, backendName)) return;
  tf.registerKernel({
    kernelName: randomBitsKernel,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { shape } = attrs as unknown as RandomBitsAttributes;
      const key = tf.engine().readSync((inputs.key as tf.TensorInfo).dataId as object) as Int32Array;
      const values = threefryBits(key[0] as number, key[1] as number, sizeOf(shape));
      const dataId = (backend as tf.KernelBackend).write(values, shape, "int32") as object;
      return { dataId, shape, dtype: "int32" };
    },
  });
}

/**
 * 32 random bits for each element: int32, all values equally likely.
 *
 * The same key gives the same bits, whatever the backend, eager or compiled; a larger shape begins (row by row) with the
 * bits of a smaller one.
 *
 * @throws TypeError for what is no key, RangeError for what is no shape.
 */
export function bits(key: tf.Tensor, shape: readonly number[]): tf.Tensor {
  checkKey(key);
  checkShape(shape);
  ensureKernel(tf.getBackend());
  return tf.engine().runKernel(randomBitsKernel, { key }, { shape: [...shape] }) as tf.Tensor;
}
