import * as tf from "@tensorflow/tfjs-core";
import { collectives } from "@vitscale/core";
import { parallelLinear } from "../linear/linear.ts";
import type { LinearForm } from "../linear/rings.ts";
import type { OverlapCase, OverlapPart } from "./overlap.ts";

/** A function of tensors, and the shapes of its arguments on one rank. */
export interface Part {
  readonly compute: (tensors: readonly tf.Tensor[]) => tf.Tensor;
  readonly shapes: readonly (readonly number[])[];
}

/** The parts of a layer (`overlapParts`) as one rank of the group has them. */
export function layerParts(
  { layout, ranks, rows, inputs, outputs }: OverlapCase,
  group: collectives.RankGroup,
): Record<OverlapPart, Part> {
  const [n, m] = [inputs / ranks, outputs / ranks];
  const layer = [[rows, n], layout === "gather" ? [inputs, m] : [n, outputs]];
  const block = [[rows, layout === "gather" ? n : m]];

  const ofLayer = (compute: (x: tf.Tensor, kernel: tf.Tensor) => tf.Tensor): Part => ({
    shapes: layer,
    compute: ([x, kernel]) => compute(x as tf.Tensor, kernel as tf.Tensor),
  });
  const ofBlock = (compute: (block: tf.Tensor) => tf.Tensor): Part => ({
    shapes: block,
    compute: ([block]) => compute(block as tf.Tensor),
  });
  const linear = (form: LinearForm) => ofLayer((x, kernel) => parallelLinear(x, { kernel }, group, { layout, form }));
  const hops = (block: tf.Tensor, by: 1 | -1) =>
    Array.from({ length: ranks - 1 }).reduce<tf.Tensor>((moved) => collectives.ringShift(moved, group, by), block);

  return {
    // The products that a ring makes, one of each block.
    compute: ofLayer((x, kernel) =>
      tf
        .split(kernel, ranks, layout === "gather" ? 0 : 1)
        .map((part) => tf.matMul(x, part))
        .reduce((sum, product) => tf.add(sum, product)),
    ),
    transfer: ofBlock((block) => hops(block, 1)),
    transferBothWays: ofBlock((block) => {
      const [low, high] = tf.split(block, 2, 1) as [tf.Tensor, tf.Tensor];
      return tf.concat([hops(low, 1), hops(high, -1)], 1);
    }),
    plain: linear("plain"),
    ring: linear("ring"),
    bidirectional: linear("bidirectional"),
  };
}
