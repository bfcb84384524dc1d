import * as tf from "@tensorflow/tfjs-core";
import { collectives, jit } from "@vitscale/core";
import { createMesh, cutProgram, meshRank, predict, shapeOnly } from "@vitscale/sharding";

/** Ring products on H100: share of 989 TFLOP/s (JAX documentation, docs/pallas/gpu/collective_matmul.md). */
export const h100: readonly { readonly ranks: number; readonly measured: number }[] = [
  { ranks: 2, measured: 0.68 },
  { ranks: 4, measured: 0.66 },
  { ranks: 8, measured: 0.64 },
];

const [rows, side] = [1024, 4096];
const flops = 2 * rows * side * side;
/** From the same source: one product takes 43 µs, and each round of communication costs 6 µs of fences. */
const machine = {
  device: { productFlops: flops / 43e-6, bytesPerSecond: Number.POSITIVE_INFINITY, overhead: 6e-6 },
  // NVLink, 450 GB/s each way; recorded in float32, sent in float16.
  links: { model: { bytesPerSecond: 2 * 450e9, latency: 0 } },
};

/** The predicted share of the peak when rows [1024, 4096] go round a ring of so many, each multiplied by [4096, 4096]. */
export function ringUtilisation(ranks: number): number {
  const group = meshRank(createMesh({ model: ranks }), 0).group("model");
  // Rows travel, not features: each product gives rows of the result, and nothing is summed.
  const program = jit((x: tf.Tensor, kernel: tf.Tensor) => {
    const blocks = [x];
    while (blocks.length < ranks) blocks.push(collectives.ringShift(blocks.at(-1) as tf.Tensor, group));
    return blocks.map((block) => tf.matMul(block, kernel));
  }).graph(shapeOnly([rows, side]), shapeOnly([side, side]));
  return (ranks * flops) / predict(cutProgram(program), machine).seconds / 989e12;
}
