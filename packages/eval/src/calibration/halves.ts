import { random } from "@vitscale/core";
import { ascendingOrder } from "./order.ts";

/**
 * Rows in two halves by chance, for measuring what has been fitted on rows that it was not fitted to: each half is treated by what the
 * other one taught. The rows of both are ascending; the same seed makes the same halves.
 *
 * @param strata [rows] numbers: rows of equal ones are dealt out evenly, so that two of them are never in one half, and neighbouring
 *   numbers are dealt on
 */
export function halves(rows: number, seed = 0, strata?: ArrayLike<number>): readonly [Uint32Array, Uint32Array] {
  const words = random.threefryBits(Math.floor(seed / 2 ** 32), seed | 0, rows);
  const shuffled = ascendingOrder(Float64Array.from(words));
  const dealt = strata === undefined ? shuffled : shuffled.sort((a, b) => strata[a]! - strata[b]!);
  return [dealt.filter((_, i) => i % 2 === 0).sort(), dealt.filter((_, i) => i % 2 === 1).sort()];
}

/** Fills `target` [rows, width] from the rows of a half, [rows of the half, width]. */
export function putRows(target: Float64Array, rows: Uint32Array, values: ArrayLike<number>, width = 1): void {
  for (let i = 0; i < rows.length; i++) {
    for (let k = 0; k < width; k++) target[rows[i]! * width + k] = values[i * width + k]!;
  }
}
