import { readFileSync } from "node:fs";
import type * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, type HostTensor, hostTensor, jit, sizeOf } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { scheduleFactor } from "../schedules.ts";
import { adafactor } from "./adafactor.ts";
import { adamw } from "./adamw.ts";
import { clipByGlobalNorm } from "./clip.ts";
import type { NamedOptions, Optimizer, OptimizerState } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

/** Written by fixtures/make_optimizers.py: first and last rows of the parameters after some steps of Optax. */
const fixture = JSON.parse(readFileSync(new URL("../../fixtures/optimizers.json", import.meta.url), "utf8")) as {
  shapes: Record<string, number[]>;
  rate: number;
  steps: number;
  optimizers: Record<string, Record<string, Record<string, number[]>>>;
};

/** The formula of the script. */
function wave(shape: readonly number[], salt: number, size = 1): HostTensor {
  const at = (i: number) => Math.sin(0.7 * i + 1.3 * salt + 0.001 * i * i * (1 + (salt % 3)));
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(size) * Math.fround(at(i)));
  return hostTensor("float32", shape, data);
}

const tensors = (make: (shape: number[], index: number) => HostTensor) =>
  Object.fromEntries(Object.entries(fixture.shapes).map(([name, shape], index) => [name, make(shape, index)]));

const named: NamedOptions = {
  weightDecay: [
    ["head/kernel", 3],
    [".+/kernel", 0.03],
  ],
};

const optimizers: Record<string, Optimizer> = {
  adafactor: adafactor(named),
  "adafactor-cap": adafactor({ ...named, beta2Cap: 0.6, firstMoment: "float32" }),
  adamw: adamw({ ...named, beta2: 0.95 }),
  sgd: sgd(named),
};

type Parameters = Record<string, HostTensor | DeviceTensor>;

describe("Optax's updates, clipped, decayed and scheduled", () => {
  it.each(Object.keys(optimizers))("are those of %s, step by step", async (name) => {
    const optimizer = optimizers[name]!;
    const step = jit(
      (
        params: Record<string, tf.Tensor>,
        state: OptimizerState,
        gradients: Record<string, tf.Tensor>,
        scalars: Record<string, tf.Tensor> & { learningRate: tf.Tensor },
      ) => optimizer.update(clipByGlobalNorm(gradients, 1).gradients, state, params, scalars),
      { donate: [0, 1], name },
    );
    let params: Parameters = tensors((shape, index) => wave(shape, index));
    let state: Awaited<ReturnType<typeof step>>["state"] | ReturnType<Optimizer["initOnHost"]> =
      optimizer.initOnHost(params);
    for (let at = 0; at < fixture.steps; at++) {
      const gradients = tensors((shape, index) => wave(shape, 10 * (at + 1) + index, 0.02 * (1 + (at % 4))));
      const learningRate = fixture.rate * scheduleFactor({ kind: "linear", warmupSteps: 4 }, 16, at);
      ({ params, state } = await step(params, state, gradients, { learningRate, ...optimizer.scalars(at) }));
      for (const [path, expected] of Object.entries(fixture.optimizers[name]![at + 1] ?? {})) {
        const { data } = await (params[path] as DeviceTensor).host();
        const columns = fixture.shapes[path]!.at(-1)!;
        const kept = [...data.slice(0, columns), ...data.slice(-columns)];
        const worst = Math.max(...kept.map((value, i) => Math.abs(value - expected[i]!)));
        expect(worst, `${path} after ${at + 1} steps`).toBeLessThan(2e-6);
      }
    }
    await step.dispose();
  });
});
