import { type DataOf, type DType, newData, sizeOf } from "@vitscale/core";

/** `count` parts of a flat array, as views, whose lengths differ by at most one. */
export function partsOf(data: DataOf, count: number): DataOf[] {
  const at = (part: number) => Math.floor((part * data.length) / count);
  return Array.from({ length: count }, (_, part) => data.subarray(at(part), at(part + 1)));
}

/** For `count` equal blocks along an axis: runs of consecutive elements that one block has in one slice of the axes before. */
function runsOf(shape: readonly number[], axis: number, count: number) {
  const outer = sizeOf(shape.slice(0, axis));
  const run = sizeOf(shape.slice(axis)) / count;
  return { outer, run };
}

/**
 * The blocks of a tensor of `shape` that is cut into `count` along an axis, each contiguous: views where the blocks lie one
 * after the other, else copies.
 */
export function cut(data: DataOf, dtype: DType, shape: readonly number[], axis: number, count: number): DataOf[] {
  const { outer, run } = runsOf(shape, axis, count);
  if (outer === 1 || count === 1) return partsOf(data, count);
  return Array.from({ length: count }, (_, block) => {
    const part = newData(dtype, outer * run);
    for (let row = 0; row < outer; row++) {
      const start = (row * count + block) * run;
      part.set(data.subarray(start, start + run), row * run);
    }
    return part;
  });
}

/** The inverse of {@link cut}: a tensor of `shape` out of contiguous blocks that lie one after the other in `blocks`. */
export function join(blocks: DataOf, dtype: DType, shape: readonly number[], axis: number, count: number): DataOf {
  const { outer, run } = runsOf(shape, axis, count);
  if (outer === 1 || count === 1) return blocks;
  const data = newData(dtype, blocks.length);
  for (const [block, part] of partsOf(blocks, count).entries()) {
    for (let row = 0; row < outer; row++) {
      data.set(part.subarray(row * run, (row + 1) * run), (row * count + block) * run);
    }
  }
  return data;
}
