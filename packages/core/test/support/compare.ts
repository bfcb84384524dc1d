import * as tf from "@tensorflow/tfjs-core";
import type { DeviceTensor, Engine } from "../../src/engines/engine.ts";
import { tensorOf } from "../../src/engines/tfjs/values.ts";
import { type DType, type HostTensor, hostTensor, newData } from "../../src/host-tensor.ts";
import { jit } from "../../src/jit/jit.ts";
import { treeEntries } from "../../src/tree.ts";

/** A function of tensors that returns a tree of them. */
export type TensorFunction = (...inputs: tf.Tensor[]) => unknown;

function toHost(tensor: tf.Tensor): HostTensor {
  const dtype = tensor.dtype as DType;
  const data = newData(dtype, tensor.size);
  data.set(tensor.dataSync() as ArrayLike<number>);
  return hostTensor(dtype, [...tensor.shape], data);
}

/** What tfjs's own CPU backend computes, as host tensors. */
export function eagerly(f: TensorFunction, inputs: readonly HostTensor[]): Map<string, HostTensor> {
  return tf.tidy(() => {
    const result = f(...inputs.map(tensorOf));
    return new Map(treeEntries<tf.Tensor>(result).map(([path, tensor]) => [path, toHost(tensor)])) as never;
  });
}

/** What the function computes when it is compiled for an engine. Leaves nothing behind. */
export async function jitted(
  f: TensorFunction,
  inputs: readonly HostTensor[],
  engine: Engine,
): Promise<Map<string, HostTensor>> {
  const compiled = jit(f as (...inputs: tf.Tensor[]) => unknown, { engine, name: "case" });
  try {
    const result = (await compiled(...(inputs as never[]))) as unknown;
    const hosts = new Map<string, HostTensor>();
    for (const [path, leaf] of treeEntries<DeviceTensor>(result)) {
      hosts.set(path, await leaf.host());
      leaf.dispose();
    }
    return hosts;
  } finally {
    await compiled.dispose();
  }
}

export interface Tolerance {
  /** Largest |a − b| / (1 + |b|) of floats. Other dtypes must be equal. */
  readonly relative: number;
}

/** Position of the first element that differs, or −1. NaN equals NaN, and zeros of both signs are equal. */
export function firstDifference(actual: HostTensor, expected: HostTensor, { relative }: Tolerance): number {
  const isClose = (a: number, b: number) =>
    a === b || (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= relative * (1 + Math.abs(b));
  return expected.data.findIndex((b, i) => !isClose(actual.data[i] as number, b));
}

const typesOf = (tensors: ReadonlyMap<string, HostTensor>) =>
  [...tensors].map(([path, { dtype, shape }]) => `${path || "result"} ${dtype}[${shape}]`).join(", ");

/** How two results differ in paths, types, shapes, or values beyond the tolerance; `undefined` if they do not. */
export function difference(
  actual: ReadonlyMap<string, HostTensor>,
  expected: ReadonlyMap<string, HostTensor>,
  tolerance: Tolerance,
): string | undefined {
  if (typesOf(actual) !== typesOf(expected)) return `${typesOf(actual)} instead of ${typesOf(expected)}`;
  for (const [path, tensor] of expected) {
    const other = actual.get(path) as HostTensor;
    const at = firstDifference(other, tensor, tolerance);
    const excerpt = ({ data }: HostTensor) => `[${data.slice(Math.max(0, at - 2), at + 4)}]`;
    if (at >= 0) return `${path || "result"} at element ${at}: ${excerpt(other)} instead of ${excerpt(tensor)}`;
  }
  return undefined;
}
