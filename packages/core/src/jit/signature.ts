import * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, isDeviceTensor } from "../engines/engine.ts";
import { type HostTensor, isHostTensor, sizeOf } from "../host-tensor.ts";
import { type TreeStructure, treeEntries, treeFlatten } from "../tree.ts";

/** What may stand in an argument where the function has a tensor. A number becomes a float32 scalar. */
export type TensorLike = tf.Tensor | HostTensor | DeviceTensor | number;

/** Host tensors are plain objects, but leaves; so is a list or record without entries, for it may matter to the function. */
export const isLeaf = (value: unknown) => isHostTensor(value) || isEmpty(value);

const isEmpty = (value: unknown) =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? Object.keys(value).length === 0
    : Array.isArray(value) && value.length === 0;

/** Arguments, flattened. */
export interface Flattened {
  readonly leaves: readonly unknown[];
  /** Where each leaf stands, as `"0/encoder/kernel"`. */
  readonly paths: readonly string[];
  readonly structure: TreeStructure;
  /** A line for each leaf, for people. */
  readonly signature: readonly string[];
  /** Everything that a program is compiled for. */
  readonly key: string;
}

/**
 * Flattens the arguments of a call.
 *
 * @throws TypeError naming a leaf that cannot be passed, RangeError a host tensor whose data does not fit its shape.
 */
export function flatten(args: readonly unknown[]): Flattened {
  const { leaves, structure } = treeFlatten(args, isLeaf);
  const paths = treeEntries(args, isLeaf).map(([path]) => path);
  const signature = leaves.map((leaf, i) => `${paths[i]}: ${describeLeaf(leaf, paths[i] as string)}`);
  return { leaves, paths, structure, signature, key: JSON.stringify([structure, signature]) };
}

export function isTensorLike(leaf: unknown): leaf is TensorLike {
  return typeof leaf === "number" || isHostTensor(leaf) || leaf instanceof tf.Tensor || isDeviceTensor(leaf);
}

function describeLeaf(leaf: unknown, path: string): string {
  if (isHostTensor(leaf)) checkSize(leaf, path);
  if (isTensorLike(leaf)) return typeof leaf === "number" ? "float32[]" : `${leaf.dtype}[${leaf.shape}]`;
  if (leaf === null || ["string", "boolean", "undefined", "bigint"].includes(typeof leaf))
    return `${typeof leaf} ${leaf}`;
  if (isEmpty(leaf)) return Array.isArray(leaf) ? "an empty list" : "an empty record";
  throw new TypeError(
    `argument ${path} of a jitted function is a ${(leaf as object).constructor?.name ?? typeof leaf}; ` +
      `trees may hold tensors, typed host tensors, numbers, strings, booleans and null`,
  );
}

/** An array may have been handed to another thread since the tensor was made, and is empty then. */
function checkSize({ dtype, shape, data }: HostTensor, path: string): void {
  if (data.length === sizeOf(shape)) return;
  throw new RangeError(
    `argument ${path} is ${dtype}[${shape}], which has ${sizeOf(shape)} elements, but its data has ${data.length}` +
      (data.buffer.byteLength === 0 ? "; was its buffer transferred to another thread?" : ""),
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
  if (at < 0) {
    const missing = nearest[signature.length];
    return missing === undefined
      ? "the leaves are nested in other lists or records"
      : `argument ${missing} is no longer there`;
  }
  return `argument ${signature[at]} was ${nearest[at] ?? "absent"} before`;
}
