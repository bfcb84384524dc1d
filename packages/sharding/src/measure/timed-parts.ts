import * as tf from "@tensorflow/tfjs-core";
import { collectives, sizeOf } from "@vitscale/core";
import type { Part } from "./layer-parts.ts";

const float = 4;

/** A function whose time is that of so many of a size. */
export interface Timed extends Part {
  /** FLOPs of a product, bytes of all else. */
  readonly size: number;
  readonly count: number;
}

/** One element, so that results need not be read to be one. */
const corner = (x: tf.Tensor) => tf.slice(x, x.shape.map(() => 0), x.shape.map(() => 1)); // biome-ignore format: one line

const total = (tensors: readonly tf.Tensor[]) => tensors.reduce((sum, each) => tf.add(sum, each));

/** Products of one matrix [rows, inner] and several kernels. */
export function timedProducts(rows: number, [inner, columns]: readonly [number, number], count: number): Timed {
  return {
    size: 2 * rows * inner * columns,
    count,
    shapes: [[rows, inner], ...Array.from({ length: count }, () => [inner, columns])],
    compute: ([x, ...kernels]) => total(kernels.map((kernel) => corner(tf.matMul(x as tf.Tensor, kernel)))),
  };
}

/** The sum of two tensors. */
export function timedSum(shape: readonly number[]): Timed {
  return {
    size: 3 * sizeOf(shape) * float,
    count: 1,
    shapes: [shape, shape],
    compute: ([a, b]) => tf.add(a as tf.Tensor, b as tf.Tensor),
  };
}

/** A message to the next rank, from the one before. */
export function timedMessage(elements: number, group: collectives.RankGroup): Timed {
  return {
    size: elements * float,
    count: 1,
    shapes: [[elements]],
    compute: ([x]) => collectives.ringShift(x as tf.Tensor, group),
  };
}

/** Messages to and from both neighbours. */
export function timedBothWays(elements: number, group: collectives.RankGroup): Timed {
  return {
    ...timedMessage(elements, group),
    shapes: [[elements], [elements]],
    compute: ([x, y]) =>
      total([
        corner(collectives.ringShift(x as tf.Tensor, group, 1)),
        corner(collectives.ringShift(y as tf.Tensor, group, -1)),
      ]),
  };
}

/** The blocks of all ranks, side by side. */
export function timedGather(block: readonly number[], group: collectives.RankGroup): Timed {
  return {
    size: group.ranks.length * sizeOf(block) * float,
    count: 1,
    shapes: [block],
    compute: ([x]) => collectives.allGather(x as tf.Tensor, group, 1),
  };
}

/** The sum over ranks, of which each gets a block. */
export function timedReduction(shape: readonly number[], group: collectives.RankGroup): Timed {
  return {
    size: sizeOf(shape) * float,
    count: 1,
    shapes: [shape],
    compute: ([x]) => collectives.reduceScatter(x as tf.Tensor, group, 1),
  };
}

/** A product while a message comes and goes. */
export function timedBeside(
  rows: number,
  [inner, columns]: readonly [number, number],
  elements: number,
  group: collectives.RankGroup,
): Timed {
  return {
    size: elements * float,
    count: 1,
    shapes: [[rows, inner], [inner, columns], [elements]], // biome-ignore format: one line
    compute: ([x, kernel, message]) =>
      total([
        tf.reshape(corner(tf.matMul(x as tf.Tensor, kernel as tf.Tensor)), [1]),
        corner(collectives.ringShift(message as tf.Tensor, group)),
      ]),
  };
}
