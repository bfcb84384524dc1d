import * as tf from "@tensorflow/tfjs-core";
import { type Engine, hostTensor, jit } from "@vitscale/core";

/**
 * The most FLOP/s that an engine was seen to reach on a square float32 product: the peak that model-FLOPs utilisation is a share of.
 * No data sheet knows the threads, clock and load of this process, so it is measured.
 *
 * @param side rows and columns of both matrices; at 1024 a CPU's caches and threads are in full use
 * @param seconds how long to repeat the product; the best counts, because a machine can only be disturbed
 */
export async function measurePeak(engine: Engine, { side = 1024, seconds = 0.3 } = {}): Promise<number> {
  const product = jit((a: tf.Tensor, b: tf.Tensor) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D), {
    engine,
    name: "peak",
  });
  const [a, b] = [1, 2].map((value) =>
    engine.upload(hostTensor("float32", [side, side], new Float32Array(side * side).fill(value))),
  );
  let best = 0;
  const end = performance.now() + 1000 * seconds;
  do {
    const start = performance.now();
    const result = await product(a!, b!);
    best = Math.max(best, (2 * side ** 3) / ((performance.now() - start) / 1000));
    result.dispose();
  } while (performance.now() < end);
  a!.dispose();
  b!.dispose();
  await product.dispose();
  return best;
}
