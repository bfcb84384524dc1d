import type { Floats } from "./row-vectors.ts";

/** Bits of a key that one pass sorts by, and the buckets that makes. */
const digitBits = 11;
const buckets = 2 ** digitBits;

/**
 * Row numbers in the order of their values, equal values in the order of rows: a stable radix sort over the bits of the numbers, so
 * that ten million take about a second where a sort with a comparator takes half a minute.
 *
 * @param values [rows], no NaN
 * @returns [rows]
 */
export function ascendingOrder(values: Floats): Uint32Array {
  const words = values instanceof Float64Array ? 2 : 1;
  const { length } = values;
  // Adding 0 makes -0 equal to 0; a copy, because keys are changed in place.
  const bits = new Uint32Array(values.map((value: number) => value + 0).buffer);
  let order = new Uint32Array(length);
  for (let row = 0; row < length; row++) order[row] = row;
  let spare = new Uint32Array(length);
  makeUnsigned(bits, words);
  const counts = new Uint32Array(buckets);
  for (let word = 0; word < words; word++) {
    for (let shift = 0; shift < 32; shift += digitBits) {
      counts.fill(0);
      for (let i = word; i < bits.length; i += words) counts[(bits[i]! >>> shift) & (buckets - 1)]!++;
      if (counts.includes(length)) continue; // all in one bucket: nothing to sort by
      let before = 0;
      for (let bucket = 0; bucket < buckets; bucket++) {
        const own = counts[bucket]!;
        counts[bucket] = before;
        before += own;
      }
      for (let i = 0; i < length; i++) {
        const row = order[i]!;
        spare[counts[(bits[row * words + word]! >>> shift) & (buckets - 1)]!++] = row;
      }
      [order, spare] = [spare, order];
    }
  }
  return order;
}

/**
 * Floats, read as unsigned integers, are in order when they are positive and in reverse, above all others, when negative: positive
 * ones get their sign bit set, negative ones all bits turned. Little endian, as every platform of Node is.
 */
function makeUnsigned(bits: Uint32Array, words: number): void {
  for (let high = words - 1; high < bits.length; high += words) {
    const isNegative = bits[high]! >>> 31 === 1;
    bits[high] = isNegative ? ~bits[high]! : bits[high]! | 0x80000000;
    if (isNegative && words === 2) bits[high - 1] = ~bits[high - 1]!;
  }
}
