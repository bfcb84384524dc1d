import type { HostTensor } from "@vitscale/core";
import type { Vectors } from "./features.ts";

/**
 * Row ranges of equal size that cover all rows, so that one compiled program serves all of them: the last block begins early and
 * repeats some rows of the one before it.
 */
export function* equalBlocks(rows: number, size: number): Generator<{ start: number; count: number }, void> {
  const count = Math.min(rows, size);
  for (let next = 0; next < rows; next += count) yield { start: Math.min(next, rows - count), count };
}

/** Rows `start` to `start + count - 1`, sharing the memory. */
export function rowBlock({ shape, data }: Vectors, start: number, count: number): HostTensor<"float32"> {
  const width = shape[1]!;
  return { dtype: "float32", shape: [count, width], data: data.subarray(start * width, (start + count) * width) };
}
