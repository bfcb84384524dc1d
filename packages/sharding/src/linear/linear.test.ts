import * as tf from "@tensorflow/tfjs-core";
import { type collectives, type HostTensor, hostTensor, jit, nn, tfjsEngine, valueAndGrad } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { cut } from "../collectives/blocks.ts";
import { createMesh } from "../mesh.ts";
import { meshEngine } from "../program/engine.ts";
import { onRanks } from "../testing/on-ranks.ts";
import { counted, type SentMessage } from "../transports/counted.ts";
import { chooseLayout, elementsSent, type LinearLayout, planLinear } from "./choose.ts";
import { type ParallelLinearOptions, parallelLinear } from "./linear.ts";

/** Small whole numbers: every sum and product is exact in float32, so the dense result must be met to the bit. */
const draw = (shape: readonly [number, number] | readonly [number], seed: number) =>
  hostTensor(
    "float32",
    shape,
    Float32Array.from({ length: shape.reduce((a: number, b) => a * b, 1) }, (_, i) => ((i * 7 + seed * 13) % 11) - 5),
  );

/** A rank's block along an axis. */
const part = ({ dtype, shape, data }: HostTensor, axis: number, ranks: number, rank: number) => {
  const block = cut(data, dtype, shape, axis, ranks)[rank] as Float32Array;
  return hostTensor("float32", shape.with(axis, shape[axis]! / ranks), block.slice());
};

interface Layer {
  readonly x: HostTensor;
  readonly kernel: HostTensor;
  readonly bias: HostTensor;
  /** Weights of the outputs in the loss. */
  readonly weights: HostTensor;
}

const layerOf = (inputs: number, outputs: number): Layer => ({
  x: draw([3, inputs], 1),
  kernel: draw([inputs, outputs], 2),
  bias: draw([outputs], 3),
  weights: draw([3, outputs], 4),
});

const shardOf = ({ x, kernel, bias, weights }: Layer, layout: LinearLayout, ranks: number, rank: number) => ({
  x: part(x, 1, ranks, rank),
  kernel: part(kernel, layout === "gather" ? 1 : 0, ranks, rank),
  bias: part(bias, 0, ranks, rank),
  weights: part(weights, 1, ranks, rank),
});

type Shard = { x: tf.Tensor; kernel: tf.Tensor; bias: tf.Tensor };

/** Output and the gradients of Σ weights ⊙ y by x, kernel and bias. */
const program = (linear: (x: tf.Tensor, parameters: nn.LinearParameters) => tf.Tensor) => {
  const differentiate = valueAndGrad(
    ({ x, ...parameters }: Shard, weights: tf.Tensor) => {
      const y = linear(x, parameters);
      return [tf.sum(tf.mul(y, weights)), y] as const;
    },
    { hasAux: true },
  );
  return ({ weights, ...shard }: Shard & { weights: tf.Tensor }) => {
    const { gradients, aux } = differentiate(shard, weights);
    return { y: aux, ...gradients };
  };
};

/** The dense layer. */
async function dense(layer: Layer) {
  const results = await jit(program(nn.linear), { engine: tfjsEngine("cpu") })(layer);
  return {
    y: await results.y.host(),
    x: await results.x.host(),
    kernel: await results.kernel.host(),
    bias: await results.bias.host(),
  };
}

/** The layer on ranks: what each has, and what was sent in runs. */
async function sharded(layer: Layer, ranks: number, options: ParallelLinearOptions) {
  const sent: SentMessage[] = [];
  const results = await onRanks(
    createMesh({ model: ranks }),
    async (communicator) => {
      const group = communicator.group("model");
      const run = jit(
        program((x, parameters) => parallelLinear(x, parameters, group, options)),
        { engine: meshEngine(communicator, { engine: tfjsEngine("cpu") }) },
      );
      const { y, x, kernel, bias } = await run(shardOf(layer, options.layout, ranks, communicator.rank));
      return { y: await y.host(), x: await x.host(), kernel: await kernel.host(), bias: await bias.host() };
    },
    (transport) => counted(transport, (message) => message.label.includes("run") && sent.push(message)),
  );
  return { results, sent };
}

const layouts = ["gather", "reduce"] as const;
const forms = ["plain", "ring", "bidirectional"] as const;

describe.each(layouts)("a parallel linear layer that %ss", (layout) => {
  describe.each(forms)("in %s form", (form) => {
    it.each([1, 2, 3, 4, 8])("equals the dense layer on %i ranks: output, dx, dkernel, dbias", async (ranks) => {
      // Blocks of 3 inputs and 5 outputs, or the other way round: halves of a bidirectional ring are of two sizes.
      const layer = layout === "gather" ? layerOf(3 * ranks, 5 * ranks) : layerOf(5 * ranks, 3 * ranks);
      const expected = await dense(layer);
      const { results } = await sharded(layer, ranks, { layout, form });
      for (const [rank, result] of results.entries()) {
        expect(result.y).toEqual(part(expected.y, 1, ranks, rank));
        expect(result.x).toEqual(part(expected.x, 1, ranks, rank));
        expect(result.kernel).toEqual(part(expected.kernel, layout === "gather" ? 1 : 0, ranks, rank));
        expect(result.bias).toEqual(part(expected.bias, 0, ranks, rank));
      }
    });

    it("sends the elements and messages of the formulas, forward and backward", async () => {
      const [ranks, rows, inputs, outputs] = [4, 3, 8, 16];
      const { sent } = await sharded(layerOf(inputs, outputs), ranks, { layout, form });
      const forward = rows * elementsSent(layout, inputs, outputs, ranks);
      // The transpose communicates the same side; a layer that gathers does it once more for its kernel's gradient.
      const passes = layout === "gather" ? 3 : 2;
      for (let rank = 0; rank < ranks; rank++) {
        const own = sent.filter(({ from }) => from === rank);
        expect(own.reduce((bytes, message) => bytes + message.bytes, 0)).toBe(4 * passes * forward);
        expect(own).toHaveLength(passes * (ranks - 1) * (form === "bidirectional" ? 2 : 1));
        const neighbours = new Set(own.map(({ to }) => to));
        const next = [(rank + 1) % ranks, ...(form === "bidirectional" ? [(rank + 3) % ranks] : [])];
        expect([...neighbours].sort()).toEqual(next.sort());
      }
    });
  });
});

it("a layer that keeps what it gathered gathers once, with equal gradients", async () => {
  const layer = layerOf(6, 9);
  const [expected, again] = [await dense(layer), await sharded(layer, 3, { layout: "gather" })];
  const kept = await sharded(layer, 3, { layout: "gather", keep: "gathered", backwardForm: "plain" });
  for (const [rank, result] of kept.results.entries()) {
    expect(result).toEqual(again.results[rank]);
    expect(result.kernel).toEqual(part(expected.kernel, 1, 3, rank));
  }
  const bytes = (messages: readonly SentMessage[]) => messages.reduce((sum, message) => sum + message.bytes, 0);
  expect(bytes(kept.sent) / bytes(again.sent)).toBeCloseTo(2 / 3, 10);
});

describe("the choice of a layout", () => {
  it("sends the smaller side: fused outputs and the MLP's second layer reduce, everything else gathers", () => {
    const [d, m] = [6144, 24576];
    const choices = [
      [d, 3 * d + m],
      [d + m, d],
      [d, m],
      [m, d],
      [d, d],
    ].map(([n, k]) => chooseLayout(n!, k!));
    expect(choices).toEqual(["gather", "reduce", "gather", "reduce", "gather"]);
    // Per token and block of the parallel layer, forward: 2·d·(k − 1)/k.
    const block = (ranks: number) =>
      elementsSent("gather", d, 3 * d + m, ranks) + elementsSent("reduce", d + m, d, ranks);
    expect([2, 4, 8, 16].map(block)).toEqual([6144, 9216, 10752, 11520]);
  });

  it("gives its reason, and does as asked", () => {
    expect(planLinear(8, 2, 2)).toEqual({
      layout: "reduce",
      form: "ring",
      reason: "elements sent a row: 4 to gather, 1 to reduce",
    });
    expect(planLinear(8, 2, 2, { layout: "gather", form: "plain" })).toEqual({
      layout: "gather",
      form: "plain",
      reason: "as asked for",
    });
  });
});

it("says which shapes do not fit", () => {
  const group: collectives.RankGroup = { over: "model", ranks: [0, 1], position: 0, communicator: 0 };
  const given = (...shape: number[]) => ({ shape, rank: shape.length }) as unknown as tf.Tensor;
  expect(() => parallelLinear(given(3, 4), { kernel: given(4, 6) }, group, { layout: "gather" })).toThrow(
    "a gather layer on k = 2 ranks takes x [..., n/k] and a kernel [n, m/k], but x is [3,4] and the kernel [4,6]",
  );
  expect(() => parallelLinear(given(3, 4), { kernel: given(8, 3) }, group, { layout: "row" as "gather" })).toThrow(
    '"row" is no layout of a linear operation; there are gather, reduce',
  );
  const zigzag = { layout: "gather", form: "zigzag" as "ring" } as const;
  expect(() => parallelLinear(given(3, 4), { kernel: given(8, 3) }, group, zigzag)).toThrow(
    '"zigzag" is no form of a linear operation; there are plain, ring, bidirectional',
  );
  expect(() => parallelLinear(given(3, 4), { kernel: given(4, 5) }, group, { layout: "reduce" })).toThrow(
    "a reduce layer on k = 2 ranks takes x [..., n/k] and a kernel [n/k, m], m a multiple of k, but x is [3,4]",
  );
});
