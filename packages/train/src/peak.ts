import * as tf from "@tensorflow/tfjs-core";
import { type Engine, hostTensor, jit } from "@vitscale/core";

/** The peak that utilisation is a share of: the best that was measured so far. */
export interface Peak {
  /** The most FLOP/s that a large product was seen to reach. */
  readonly flops: number;
  /** Measures again, which can only raise the peak. @param seconds how long to repeat the product; once at least */
  measure(seconds?: number): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * The most FLOP/s that an engine is seen to reach on a square float32 product. No data sheet knows the threads, clock and load of this
 * process, so it is measured; and since other work can only slow a product down, the best counts, however often it is measured.
 *
 * @param side rows and columns of both matrices; at 1024 a CPU's caches and threads are in full use
 */
export function openPeak(engine: Engine, { side = 1024 } = {}): Peak {
  const product = jit((a: tf.Tensor, b: tf.Tensor) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D), {
    engine,
    name: "peak",
  });
  const matrix = (value: number) =>
    engine.upload(hostTensor("float32", [side, side], new Float32Array(side * side).fill(value)));
  const [a, b] = [matrix(1), matrix(2)];
  let flops = 0;
  return {
    get flops() {
      return flops;
    },
    async measure(seconds = 0) {
      // The first call compiles.
      if (flops === 0) (await product(a, b)).dispose();
      const end = performance.now() + 1000 * seconds;
      do {
        const start = performance.now();
        const result = await product(a, b);
        flops = Math.max(flops, (2 * side ** 3) / ((performance.now() - start) / 1000));
        result.dispose();
      } while (performance.now() < end);
    },
    async dispose() {
      a.dispose();
      b.dispose();
      await product.dispose();
    },
  };
}

/** A peak that is known. */
export function knownPeak(flops: number): Peak {
  return { flops, async measure() {}, async dispose() {} };
}

/** The peak of an engine, measured once. @param seconds how long to repeat the product */
export async function measurePeak(engine: Engine, { side = 1024, seconds = 0.3 } = {}): Promise<number> {
  const peak = openPeak(engine, { side });
  await peak.measure(seconds);
  await peak.dispose();
  return peak.flops;
}
