import { readFileSync } from "node:fs";
import type * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, type HostTensor, hostTensor, jit, sizeOf } from "@vitscale/core";
import { init, vit22b } from "@vitscale/vit";
import { describe, expect, it } from "vitest";
import { buildOptimizer } from "../config/build.ts";
import { scheduleFactor } from "../schedules.ts";
import { adafactor } from "./adafactor.ts";
import { adamw } from "./adamw.ts";
import { clipByGlobalNorm } from "./clip.ts";
import type { NamedOptions, Optimizer, OptimizerState } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

/** First and last rows of the parameters after some steps of Optax, by step and name. */
type Rows = Record<string, Record<string, number[]>>;

interface Fixture {
  readonly shapes: Record<string, number[]>;
  readonly rate: number;
  readonly steps: number;
}

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../fixtures/${name}`, import.meta.url), "utf8"));

/** Written by fixtures/make_optimizers.py. */
const fixture: Fixture & { readonly optimizers: Record<string, Rows> } = read("optimizers.json");

/** Written by fixtures/make_adafactor_heads.py: Adafactor on the tensors that big_vision keeps. */
const byHead: Fixture & { readonly parameters: Rows } = read("adafactor-heads.json");

/** The formula of the script. */
function wave(shape: readonly number[], salt: number, size = 1): HostTensor {
  const at = (i: number) => Math.sin(0.7 * i + 1.3 * salt + 0.001 * i * i * (1 + (salt % 3)));
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.fround(size) * Math.fround(at(i)));
  return hostTensor("float32", shape, data);
}

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

/** Takes the steps of a fixture, and compares the parameters with its rows. */
async function expectRows(optimizer: Optimizer, { shapes, rate, steps }: Fixture, rows: Rows): Promise<void> {
  const tensors = (make: (shape: number[], index: number) => HostTensor) =>
    Object.fromEntries(Object.entries(shapes).map(([name, shape], index) => [name, make(shape, index)]));
  const step = jit(
    (
      params: Record<string, tf.Tensor>,
      state: OptimizerState,
      gradients: Record<string, tf.Tensor>,
      scalars: Record<string, tf.Tensor> & { learningRate: tf.Tensor },
    ) => optimizer.update(clipByGlobalNorm(gradients, 1).gradients, state, params, scalars),
    { donate: [0, 1], name: "update" },
  );
  let params: Parameters = tensors((shape, index) => wave(shape, index));
  let state: Awaited<ReturnType<typeof step>>["state"] | ReturnType<Optimizer["initOnHost"]> =
    optimizer.initOnHost(params);
  for (let at = 0; at < steps; at++) {
    const gradients = tensors((shape, index) => wave(shape, 10 * (at + 1) + index, 0.02 * (1 + (at % 4))));
    const learningRate = rate * scheduleFactor({ kind: "linear", warmupSteps: 4 }, 16, at);
    ({ params, state } = await step(params, state, gradients, { learningRate, ...optimizer.scalars(at) }));
    for (const [path, expected] of Object.entries(rows[at + 1] ?? {})) {
      const { data } = await (params[path] as DeviceTensor).host();
      const columns = shapes[path]!.at(-1)!;
      const kept = [...data.slice(0, columns), ...data.slice(-columns)];
      const worst = Math.max(...kept.map((value, i) => Math.abs(value - expected[i]!)));
      expect(worst, `${path} after ${at + 1} steps`).toBeLessThan(2e-6);
    }
  }
  await step.dispose();
}

describe("Optax's updates, clipped, decayed and scheduled", () => {
  it.each(Object.keys(optimizers))("are those of %s, step by step", (name) =>
    expectRows(optimizers[name]!, fixture, fixture.optimizers[name]!),
  );

  it("are those of Adafactor by head, on the tensors of big_vision", async () => {
    const model = vit22b("mu/16", { width: 64, heads: 2, mlpWidth: 96, patchSide: 4, imageSide: 16, classes: 40 });
    const optimizer = buildOptimizer({ kind: "adafactor", factoring: "by-head" }, model);
    await expectRows(optimizer, byHead, byHead.parameters);
  }, 120_000);
});

it("remembers, by head, what big_vision's Adafactor remembers", () => {
  const model = vit22b("mu/4", { width: 128, heads: 4, mlpWidth: 96, imageSide: 16, classes: 40 });
  const state = buildOptimizer({ kind: "adafactor", factoring: "by-head" }, model).initOnHost(init(model, 0));
  const shapes = (name: string) =>
    Object.fromEntries(Object.entries(state[name]!).map(([slot, { shape }]) => [slot, shape]));
  // [width, heads, headWidth]: the longest axis is the width, the next that of a head.
  const projections = [0, 1, 2].flatMap((i) => [
    [`rowMoment${i}`, [4, 32]],
    [`columnMoment${i}`, [128, 4]],
  ]);
  expect(shapes("encoder/block00/in/kernel")).toEqual({
    firstMoment: [128, 480],
    ...Object.fromEntries(projections),
    rowMoment3: [96],
    columnMoment3: [128],
  });
  expect(shapes("patch/kernel")).toEqual({ firstMoment: [48, 128], secondMoment0: [4, 4, 3, 128] });
  expect(shapes("head/kernel")).toEqual({ firstMoment: [128, 40], rowMoment: [40], columnMoment: [128] });
});
