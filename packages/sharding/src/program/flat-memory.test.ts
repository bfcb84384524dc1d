import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, hostTensor, jit, valueAndGrad } from "@vitscale/core";
import { expect, it } from "vitest";
import { parallelLinear } from "../linear/linear.ts";
import { createMesh } from "../mesh.ts";
import { onRanks } from "../testing/on-ranks.ts";
import { meshEngine } from "./engine.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes on the heap and in array buffers when garbage is gone. */
async function used(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

it("steps on four ranks leave nothing behind", { timeout: 120_000 }, async () => {
  const mesh = createMesh({ model: 4 });
  const steps = 100;
  const sizes = await onRanks(mesh, async (communicator) => {
    const group = communicator.group("model");
    const differentiate = valueAndGrad((kernel: tf.Tensor, x: tf.Tensor) =>
      tf.sum(tf.square(parallelLinear(x, { kernel }, group, { layout: "gather" }))),
    );
    const step = jit(
      (kernel: tf.Tensor, x: tf.Tensor) => tf.sub(kernel, tf.mul(differentiate(kernel, x).gradients, 1e-6)),
      { engine: meshEngine(communicator), donate: [0] },
    );
    const x = hostTensor("float32", [32, 16], new Float32Array(512).fill(0.1));
    let kernel: DeviceTensor | ReturnType<typeof hostTensor> = hostTensor("float32", [64, 16]);
    const grown: number[] = [];
    for (let i = 0; i <= steps; i++) {
      kernel = await step(kernel, x);
      if (i % (steps / 2) === 0) grown.push(await used());
    }
    await step.dispose();
    return grown;
  });
  // The ranks allocate some 100 kB a step: fifty steps that kept a tenth of it would show.
  for (const [, middle, end] of sizes) expect((end as number) - (middle as number)).toBeLessThan(500_000);
});
