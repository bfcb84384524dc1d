import * as tf from "@tensorflow/tfjs-core";
import { roundToBfloat16 } from "./files/half.ts";

/**
 * The kernel of {@link toBfloat16}: input `{x}`, float32, one output of that shape. It has no gradient.
 */
export const toBfloat16Kernel = "ToBfloat16";

/** The kernel for any eager backend: rounds on the host. A backend that has (or records) one of its own keeps it. */
function ensureKernel(backendName: string): void {
  if (tf.getKernel(toBfloat16Kernel, backendName)) return;
  tf.registerKernel({
    kernelName: toBfloat16Kernel,
    backendName,
    kernelFunc: ({ inputs, backend }) => {
      const { dataId, shape } = inputs.x as tf.TensorInfo;
      const values = (tf.engine().readSync(dataId as object) as Float32Array).map(roundToBfloat16);
      return {
        dataId: (backend as tf.KernelBackend).write(values, shape, "float32") as object,
        shape,
        dtype: "float32",
      };
    },
  });
}

/**
 * Rounds float32 values to the nearest bfloat16, ties to even: 8 digits of the significand stay, with float32's range.
 *
 * The result is a float32 tensor. A jitted function that returns it, though, returns it in 16 bits, and so it comes in as an argument
 * of the next call: that is how state is kept in half of the memory.
 *
 * @throws TypeError for a tensor that is not float32.
 */
export function toBfloat16<T extends tf.Tensor>(x: T): T {
  if (x.dtype !== "float32") throw new TypeError(`toBfloat16 takes float32, but was given ${x.dtype}; cast it first`);
  ensureKernel(tf.getBackend());
  return tf.engine().runKernel(toBfloat16Kernel, { x }) as T;
}
