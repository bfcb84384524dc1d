import * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, isDeviceTensor } from "../engines/engine.ts";
import { type HostTensor, isHostTensor } from "../host-tensor.ts";
import { treeEntries } from "../tree.ts";

/** What may stand in an argument where the function has a tensor. A number becomes a float32 scalar. */
export type TensorLike = tf.Tensor | HostTensor | DeviceTensor | number;

/** Host tensors are plain objects, but leaves; so is a list or record without entries, for it may matter to the function. */
export const isLeaf = (value: unknown) => isHostTensor(value) || isEmpty(value);

const isEmpty = (value: unknown) =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? Object.keys(value).length === 0
    : Array.isArray(value) && value.length === 0;

/** Arguments, flattened: tensors to pass, and the key of everything that a program is compiled for. */
export interface Flattened {
  readonly entries: readonly (readonly [path: string, leaf: unknown])[];
  readonly signature: readonly string[];
}

/** Flattens the arguments of a call. */
export function flatten(args: readonly unknown[]): Flattened {
  const entries = treeEntries(args, isLeaf);
  return { entries, signature: entries.map(([path, leaf]) => `${path}: ${describeLeaf(leaf)}`) };
}

export function isTensorLike(leaf: unknown): leaf is TensorLike {
  return typeof leaf === "number" || isHostTensor(leaf) || leaf instanceof tf.Tensor || isDeviceTensor(leaf);
}

function describeLeaf(leaf: unknown): string {
  if (isTensorLike(leaf)) return typeof leaf === "number" ? "float32[]" : `${leaf.dtype}[${leaf.shape}]`;
  if (leaf === null || ["string", "boolean", "undefined", "bigint"].includes(typeof leaf))
    return `${typeof leaf} ${leaf}`;
  if (isEmpty(leaf)) return Array.isArray(leaf) ? "an empty list" : "an empty record";
  throw new TypeError(
    `an argument of a jitted function holds a ${(leaf as object).constructor?.name ?? typeof leaf}; ` +
      `trees may hold tensors, typed host tensors, numbers, strings, booleans and null`,
  );
}

/** Why no earlier signature fits: the first leaf that differs from the most similar one, the latest of several. */
export function causeOf(signature: readonly string[], earlier: readonly (readonly string[])[]): string {
  if (earlier.length === 0) return "first call";
  const distance = (other: readonly string[]) => {
    const longer = signature.length > other.length ? signature : other;
    return longer.filter((_, i) => signature[i] !== other[i]).length;
  };
  const nearest = earlier.reduce((best, other) => (distance(other) <= distance(best) ? other : best));
  const at = signature.findIndex((leaf, i) => leaf !== nearest[i]);
  if (at < 0) return `argument ${nearest[signature.length]} is no longer there`;
  return `argument ${signature[at]} was ${nearest[at] ?? "absent"} before`;
}
