import type * as tf from "@tensorflow/tfjs-core";
import { collectives, type HostTensor, hostTensor, sizeOf } from "@vitscale/core";

/** A collective with its attributes chosen. */
export type Call = (x: tf.Tensor, group: collectives.RankGroup) => tf.Tensor;

/** Rank r's operand: whole numbers, so that sums are exact in any order. */
export const operandOf = (rank: number, shape: readonly number[]) =>
  hostTensor(
    "float32",
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((rank + 1) * 37 + i * 11) % 101),
  );

/** The element at an index of a tensor. */
export const at = ({ shape, data }: HostTensor, index: readonly number[]) =>
  data[index.reduce((offset, i, axis) => offset * (shape[axis] as number) + i, 0)] as number;

/** Every index of a shape, last axis fastest. */
function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((i) => Array.from({ length: size }, (_, k) => [...i, k])),
    [[]],
  );
}

/** The tensor of a shape whose elements are given by a function of their index. */
export const build = (shape: readonly number[], f: (index: number[]) => number) =>
  hostTensor("float32", shape, Float32Array.from(indices(shape), f));

/** Every collective, and what it gives on rank r by its definition. */
export const definitions: {
  readonly [name: string]: { readonly f: Call; readonly expected: (all: HostTensor[], r: number) => HostTensor };
} = {
  "all-gather along rows": {
    f: (x, group) => collectives.allGather(x, group, 0),
    expected: (all) => {
      const [rows, ...rest] = all[0]!.shape as [number, ...number[]];
      return build([rows * all.length, ...rest], ([i, ...j]) => at(all[Math.floor(i! / rows)]!, [i! % rows, ...j]));
    },
  },
  "all-gather along columns": {
    f: (x, group) => collectives.allGather(x, group, -1),
    expected: (all) => {
      const [rows, columns] = all[0]!.shape as [number, number];
      return build([rows, columns * all.length], ([i, j]) => at(all[Math.floor(j! / columns)]!, [i!, j! % columns]));
    },
  },
  "reduce-scatter along columns": {
    f: (x, group) => collectives.reduceScatter(x, group, 1),
    expected: (all, r) => {
      const [rows, columns] = all[0]!.shape as [number, number];
      const part = columns / all.length;
      return build([rows, part], ([i, j]) => all.reduce((sum, x) => sum + at(x, [i!, r * part + j!]), 0));
    },
  },
  "all-reduce sum": {
    f: (x, group) => collectives.allReduce(x, group),
    expected: (all) => build(all[0]!.shape, (index) => all.reduce((sum, x) => sum + at(x, index), 0)),
  },
  "all-reduce max": {
    f: (x, group) => collectives.allReduce(x, group, "max"),
    expected: (all) => build(all[0]!.shape, (index) => Math.max(...all.map((x) => at(x, index)))),
  },
  "a step round the ring": {
    f: (x, group) => collectives.ringShift(x, group, 1),
    expected: (all, r) => all[(r + all.length - 1) % all.length]!,
  },
  "a permutation that leaves somebody out": {
    f: (x, group) => collectives.collectivePermute(x, group, [[0, group.ranks.length - 1]]),
    expected: (all, r) => (r === all.length - 1 ? all[0]! : build(all[0]!.shape, () => 0)),
  },
  "broadcast from the last": {
    f: (x, group) => collectives.broadcastFrom(x, group, group.ranks.length - 1),
    expected: (all) => all.at(-1)!,
  },
  "reduce to the second": {
    f: (x, group) => collectives.reduceTo(x, group, 1 % group.ranks.length),
    expected: (all, r) =>
      build(all[0]!.shape, (index) => (r === 1 % all.length ? all.reduce((sum, x) => sum + at(x, index), 0) : 0)),
  },
  "all-to-all, columns to rows": {
    f: (x, group) => collectives.allToAll(x, group, 1, 0),
    expected: (all, r) => {
      const [rows, columns] = all[0]!.shape as [number, number];
      const part = columns / all.length;
      return build([rows * all.length, part], ([i, j]) => at(all[Math.floor(i! / rows)]!, [i! % rows, r * part + j!]));
    },
  },
};
