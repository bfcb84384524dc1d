import * as tf from "@tensorflow/tfjs-core";
import type { TensorFunction } from "../support/compare.ts";
import type { Input } from "../support/inputs.ts";

/** One way to call a kernel. */
export interface KernelCase {
  readonly kernel: string;
  readonly about: string;
  readonly f: TensorFunction;
  readonly inputs: readonly Input[];
  /** The same by other kernels, where tfjs-cpu's own is wrong. */
  readonly reference?: TensorFunction;
}

// Functions of tensors of a certain rank are called on what a case gives them.
export type AnyFunction = (...inputs: never[]) => unknown;

const typeOf = ({ dtype, shape }: Input) => `${dtype}[${shape}]`;

/** A case: the kernel, what is special about it, the call, and its arguments. */
export function on(kernel: string, what: string, f: AnyFunction, ...inputs: Input[]): KernelCase {
  const about = `${kernel}(${inputs.map(typeOf).join(", ")})${what === "" ? "" : `: ${what}`}`;
  return { kernel, about, f: f as TensorFunction, inputs };
}

/** Kernels that have no function of their own in tfjs's API. */
export const kernel =
  (name: string, inputNames: readonly string[], attributes: object = {}) =>
  (...tensors: tf.Tensor[]) =>
    tf
      .engine()
      .runKernel(
        name,
        Object.fromEntries(inputNames.map((input, i) => [input, tensors[i] as tf.Tensor])),
        attributes as tf.NamedAttrMap,
      );

/** A case that tfjs-cpu computes wrongly, with a correct detour. */
export function wrongly(each: KernelCase, reference: AnyFunction): KernelCase {
  return { ...each, reference: reference as TensorFunction };
}
