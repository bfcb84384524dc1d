import { totalmem } from "node:os";

/**
 * Zero-filled shared memory, several pieces of one size.
 *
 * @throws RangeError when this machine has not as much; `what` says what it is for, `remedy` what to change.
 */
export function sharedBuffers(count: number, bytes: number, what: string, remedy: string): SharedArrayBuffer[] {
  try {
    if (count * bytes <= totalmem()) return Array.from({ length: count }, () => new SharedArrayBuffer(bytes));
  } catch {
    // Larger than the engine allows, or than what is free.
  }
  const [asked, present] = [count * bytes, totalmem()].map((size) => `${Number((size / 1e9).toPrecision(3))} GB`);
  throw new RangeError(`${what} would take ${asked}, and this machine has ${present} of memory; ${remedy}`);
}

/** A zero-filled Int32Array in shared memory. */
export function sharedInt32(length: number): Int32Array {
  const [memory] = sharedBuffers(1, 4 * length, `a number for each of ${length} samples`, "take fewer samples");
  return new Int32Array(memory!);
}

/** Numbers copied into shared memory. */
export function sharedLabels(labels: ArrayLike<number>): Int32Array {
  const shared = sharedInt32(labels.length);
  shared.set(labels);
  return shared;
}

/** Sample numbers copied into shared memory. */
export function sharedNumbers(numbers: Uint32Array): Uint32Array {
  const shared = new Uint32Array(new SharedArrayBuffer(4 * numbers.length));
  shared.set(numbers);
  return shared;
}

/** Bytes copied into shared memory. */
export function sharedBytes(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

/** Many strings in shared memory: a million file names are cloned to no worker. */
export interface PackedStrings {
  /** UTF-8, one string after another. */
  readonly bytes: Uint8Array;
  /** `[count + 1]`; string i lies between ends i and i + 1. */
  readonly ends: Float64Array;
}

/** Packs strings; see {@link stringAt}. */
export function packStrings(strings: readonly string[]): PackedStrings {
  const ends = new Float64Array(new SharedArrayBuffer(8 * (strings.length + 1)));
  for (const [i, string] of strings.entries()) ends[i + 1] = ends[i]! + Buffer.byteLength(string);
  const bytes = new Uint8Array(new SharedArrayBuffer(ends[strings.length]!));
  const buffer = Buffer.from(bytes.buffer);
  for (const [i, string] of strings.entries()) buffer.write(string, ends[i]!);
  return { bytes, ends };
}

/** One of many packed strings. */
export function stringAt({ bytes, ends }: PackedStrings, index: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8", ends[index], ends[index + 1]);
}
