import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../../host-tensor.ts";

/** What tfjs's own gradient does with a case, where it does not agree with ours. */
export type Peer =
  /** tfjs has no gradient for the kernel. */
  | "absent"
  /** It refuses or crashes. */
  | "throws"
  /** It does not return. */
  | "hangs"
  /** It disagrees with central differences. */
  | "wrong";

/** What inputs are drawn from: uniform between bounds, or a shuffled grid of step 1/4 that avoids 0 and has no ties. */
export type Values = readonly [low: number, high: number] | "distinct";

/** One way to call a kernel. */
export interface GradientCase {
  readonly kernel: string;
  readonly about: string;
  readonly f: (...inputs: tf.Tensor[]) => tf.Tensor;
  readonly shapes: readonly (readonly number[])[];
  readonly values: Values;
  readonly peer: Peer | undefined;
}

interface Options {
  readonly values?: Values;
  readonly peer?: Peer;
  /** What is special about the call. */
  readonly note?: string;
}

export const positive: Values = [0.4, 1.6];
export const zero: Values = [0, 0];

/**
 * Cases of one function at several inputs, written as `"[2,3] [3]"`. The function's parameters are the tensors, of
 * whatever rank tfjs's types ask for.
 */
export function cases(
  kernel: string,
  f: (...inputs: never[]) => tf.Tensor,
  inputs: readonly string[],
  { values = [-1.5, 1.5], peer, note }: Options = {},
): GradientCase[] {
  return inputs.map((shapes) => ({
    kernel,
    about: `${kernel} of ${shapes}${note ? `, ${note}` : ""}`,
    f: f as GradientCase["f"],
    shapes: JSON.parse(`[${shapes.replaceAll("] [", "],[")}]`) as number[][],
    values,
    peer,
  }));
}

/** A vector of integers, or a tensor of them. */
export function integers(values: number[], shape: number[] = [values.length]): tf.Tensor {
  return tf.tensor(values, shape, "int32");
}

/** Numbers in [0, 1) that depend on the seed only. */
export function uniformStream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Values for the inputs of a case, one array for each. */
export function drawValues({ shapes, values }: GradientCase, next: () => number): Float32Array[] {
  const sizes = shapes.map(sizeOf);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const pool = Array.from({ length: total }, (_, i) =>
    values === "distinct" ? (i - Math.floor(total / 2)) / 4 + 0.1 : values[0] + (values[1] - values[0]) * next(),
  );
  const take = () => pool.splice(Math.floor(next() * pool.length), 1)[0] as number;
  return sizes.map((size) => Float32Array.from({ length: size }, take));
}
