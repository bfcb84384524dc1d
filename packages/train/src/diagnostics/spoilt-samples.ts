import { type HostTensor, sizeOf } from "@vitscale/core";
import type { Batch } from "@vitscale/data";

/** Numbers in the data set of the samples of a batch that have a pixel or a label which is no finite number. */
export function spoiltSamples({ image, label, index }: Pick<Batch, "image" | "label" | "index">): number[] {
  const isSpoilt = (row: number) => ![image, label].every((tensor) => rowOf(tensor, row).every(Number.isFinite));
  return [...index.data].filter((_, row) => isSpoilt(row));
}

function rowOf({ shape: [, ...rest], data }: HostTensor, row: number): HostTensor["data"] {
  const size = sizeOf(rest);
  return data.subarray(row * size, (row + 1) * size);
}
