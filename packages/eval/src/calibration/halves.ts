import { random } from "@vitscale/core";
import { ascendingOrder } from "./order.ts";

/**
 * Rows in two halves by chance, for measuring what has been fitted on rows that it was not fitted to: each half is treated by what the
 * other one taught. The rows of both are ascending; the same seed makes the same halves.
 */
export function halves(rows: number, seed = 0): readonly [Uint32Array, Uint32Array] {
  const order = ascendingOrder(Float64Array.from(random.threefryBits(Math.floor(seed / 2 ** 32), seed | 0, rows)));
  const middle = Math.ceil(rows / 2);
  return [order.slice(0, middle).sort(), order.slice(middle).sort()];
}

/** Fills `target` [rows, width] from the rows of a half, [rows of the half, width]. */
export function putRows(target: Float64Array, rows: Uint32Array, values: ArrayLike<number>, width = 1): void {
  for (let i = 0; i < rows.length; i++) {
    for (let k = 0; k < width; k++) target[rows[i]! * width + k] = values[i * width + k]!;
  }
}
