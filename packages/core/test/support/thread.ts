import { parentPort, workerData } from "node:worker_threads";
import * as tf from "@tensorflow/tfjs-core";
import { hostTensor } from "../../src/host-tensor.ts";
import { jit } from "../../src/jit/jit.ts";

/** Runs a program that only this thread compiles many times, several runs at once, and posts the sum of its results. */
const { seed, rounds } = workerData as { readonly seed: number; readonly rounds: number };

const f = jit((x: tf.Tensor) => tf.sum(tf.matMul(x, x, true)), { name: `thread${seed}` });
const side = 8 + seed;
const x = hostTensor("float32", [side, side], new Float32Array(side * side).fill(1));
let sum = 0;
for (let round = 0; round < rounds; round++) {
  const results = await Promise.all([f(x), f(x), f(x)]);
  for (const result of results) {
    sum += (await result.read())[0] as number;
    result.dispose();
  }
}
await f.dispose();
parentPort?.postMessage(sum);
