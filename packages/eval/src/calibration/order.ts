import { type Floats, floatsLike } from "./row-vectors.ts";

/** Bits of a key that one pass sorts by, and the buckets that makes. */
const digitBits = 11;
const buckets = 2 ** digitBits;

/** Values in ascending order, and what went with each of them. */
export interface Sorted {
  readonly values: Floats;
  readonly carried: Uint32Array;
}

/**
 * Row numbers in the order of their values, equal values in the order of rows.
 *
 * @param values [rows], no NaN
 * @returns [rows]
 */
export function ascendingOrder(values: Floats): Uint32Array {
  const rows = new Uint32Array(values.length);
  for (let row = 0; row < rows.length; row++) rows[row] = row;
  return sortCarrying(values, rows).carried;
}

/**
 * Sorts values, and carries a number along with each; equal values stay in the order of rows: a stable radix sort over the bits of the
 * floats. Everything is read in order, so that ten million take half a second where a sort with a comparator takes half a minute.
 *
 * @param values [rows], no NaN
 * @param carried [rows]
 */
export function sortCarrying(values: Floats, carried: Uint32Array): Sorted {
  const { length } = values;
  const words = values instanceof Float64Array ? 2 : 1;
  let from: Sorted = { values: floatsLike(values, length), carried: carried.slice() };
  let to: Sorted = { values: floatsLike(values, length), carried: new Uint32Array(length) };
  // Adding 0 makes -0 equal to 0.
  for (let row = 0; row < length; row++) from.values[row] = values[row]! + 0;
  for (let word = 0; word < words; word++) {
    for (let shift = 0; shift < 32; shift += digitBits) {
      if (sortByDigit(from, to, { word, words, shift })) [from, to] = [to, from];
    }
  }
  return from;
}

/**
 * One pass: puts everything where one digit of its key belongs, in the order in which it came. False, and nothing is done, where all have
 * the same digit.
 *
 * Floats, read as unsigned integers, are in order when they are positive and in reverse, above all others, when negative: of positive ones
 * the sign bit is turned, of negative ones all bits are. Little endian, as every platform of Node is.
 */
function sortByDigit(
  from: Sorted,
  to: Sorted,
  { word, words, shift }: { readonly word: number; readonly words: number; readonly shift: number },
): boolean {
  const { length } = from.values;
  const bits = new Int32Array(from.values.buffer);
  const top = word === words - 1 ? 0x80000000 : 0;
  const starts = new Uint32Array(buckets);
  for (let i = word, sign = words - 1; i < bits.length; i += words, sign += words) {
    starts[((bits[i]! ^ ((bits[sign]! >> 31) | top)) >>> shift) & (buckets - 1)]!++;
  }
  if (starts.includes(length)) return false;
  let before = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const own = starts[bucket]!;
    starts[bucket] = before;
    before += own;
  }
  const [values, carried, valuesTo, carriedTo] = [from.values, from.carried, to.values, to.carried];
  for (let row = 0, i = word, sign = words - 1; row < length; row++, i += words, sign += words) {
    const place = starts[((bits[i]! ^ ((bits[sign]! >> 31) | top)) >>> shift) & (buckets - 1)]!++;
    valuesTo[place] = values[row]!;
    carriedTo[place] = carried[row]!;
  }
  return true;
}
