import { type DataOf, type DType, type HostTensor, isHostTensor, sizeOf } from "../host-tensor.ts";

/** A tensor whose data is somewhere else and is fetched when its turn comes, such as a `DeviceTensor`. */
export interface LazyTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  read(): Promise<DataOf>;
}

/** What can be saved. */
export type SavedTensor = HostTensor | LazyTensor;

/** Names and tensors: a plain object, a map, or any iterable of pairs. */
export type SavedTensors = { readonly [name: string]: SavedTensor } | Iterable<readonly [string, SavedTensor]>;

function isSavedTensor(value: unknown): value is SavedTensor {
  return isHostTensor(value) || (typeof value === "object" && value !== null && "read" in value && "shape" in value);
}

/** The pairs, with each name checked: present once, and text that UTF-8 can encode. */
export function entriesOf(tensors: SavedTensors): (readonly [string, SavedTensor])[] {
  const entries = Symbol.iterator in tensors ? [...tensors] : Object.entries(tensors);
  const seen = new Set<string>();
  for (const [name, tensor] of entries) {
    if (!isSavedTensor(tensor)) {
      const kind = (tensor as object | null | undefined)?.constructor?.name;
      throw new TypeError(
        `"${name}" is ${kind === undefined ? tensor : `a ${kind}`}, but files hold host tensors and what jitted functions return; make one of an array by hostTensor`,
      );
    }
    if (seen.has(name)) throw new RangeError(`two tensors are named "${name}"; give each a name of its own`);
    if (/\p{Surrogate}/u.test(name))
      throw new RangeError(`the tensor name ${JSON.stringify(name)} is not valid Unicode`);
    seen.add(name);
  }
  return entries;
}

/** The data of a tensor, as long as its shape says. */
export async function dataOf(name: string, tensor: SavedTensor): Promise<DataOf> {
  const data = "read" in tensor ? await tensor.read() : tensor.data;
  const size = sizeOf(tensor.shape);
  if (data.length === size) return data;
  throw new RangeError(
    `tensor "${name}" has shape [${tensor.shape}] of ${size} elements, but ${data.length} were given`,
  );
}

/** Elements that are converted and written at a time: a typed array of bytes cannot span every tensor. */
const blockLength = 2 ** 24;

/** The data in parts of at most 2²⁴ elements, which share its memory. */
export function* blocksOf(data: DataOf): Generator<DataOf> {
  for (let start = 0; start < data.length; start += blockLength) yield data.subarray(start, start + blockLength);
}

/** The memory of a typed array as bytes. */
export function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Order of the texts' UTF-8 bytes, which is that of their code points. */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Names for a message: the first few of many. */
export function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`);
  return names.length > 5 ? `${names.length}: ${shown.join(", ")}, …` : shown.join(", ") || "none";
}
