import * as tf from "@tensorflow/tfjs-core";
import { collectives, type HostTensor, hostTensor, jit, tfjsEngine, valueAndGrad } from "@vitscale/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMesh } from "../mesh.ts";
import { meshEngine } from "../program/engine.ts";
import { onRanks } from "../testing/on-ranks.ts";
import { counted, type SentMessage } from "../transports/counted.ts";
import type { Collective } from "./algorithms.ts";
import { at, build, type Call, definitions, operandOf } from "./testing/definitions.ts";
import { trafficOf } from "./traffic.ts";

/** Calls a collective over `model` on simulated ranks with programs that tfjs-cpu computes; results rank by rank. */
async function call(ranks: number, shape: readonly number[], f: Call) {
  const sent: SentMessage[] = [];
  const results = await onRanks(
    createMesh({ model: ranks }),
    async (communicator) => {
      const compiled = jit((x: tf.Tensor) => f(x, communicator.group("model")), {
        engine: meshEngine(communicator, { engine: tfjsEngine("cpu") }),
        name: "call",
      });
      const node = compiled.graph(operandOf(0, shape)).outputs[0] as Collective;
      const result = await (await compiled(operandOf(communicator.rank, shape))).host();
      return { result, expectedTraffic: trafficOf(node, { dtype: "float32", shape }) };
    },
    (transport) => counted(transport, (message) => message.label.includes("run") && sent.push(message)),
  );
  return { results: results.map(({ result }) => result), traffic: results.map((r) => r.expectedTraffic), sent };
}

describe.each(Object.entries(definitions))("%s", (_name, { f, expected }) => {
  it.each([1, 2, 3, 4, 8])("follows its definition on %i ranks, and sends what is foretold", async (ranks) => {
    const shape = [3, 2 * ranks];
    const all = Array.from({ length: ranks }, (_, rank) => operandOf(rank, shape));
    const { results, traffic, sent } = await call(ranks, shape, f);
    for (const [rank, result] of results.entries()) {
      expect(result).toEqual(expected(all, rank));
      const own = sent.filter(({ from }) => from === rank);
      expect({ messages: own.length, bytes: own.reduce((sum, { bytes }) => sum + bytes, 0) }).toEqual(traffic[rank]);
    }
  });
});

it("an all-reduce too large for one hop goes round the ring in uneven parts", async () => {
  const shape = [1, 5003];
  const { results, traffic, sent } = await call(3, shape, (x, group) => collectives.allReduce(x, group));
  const all = [0, 1, 2].map((rank) => operandOf(rank, shape));
  const sum = build(shape, (index) => all.reduce((total, x) => total + at(x, index), 0));
  for (const [rank, result] of results.entries()) {
    expect(result).toEqual(sum);
    const bytes = sent.filter(({ from }) => from === rank).reduce((total, message) => total + message.bytes, 0);
    expect(bytes).toBe(traffic[rank]!.bytes);
  }
  expect(sent).toHaveLength(3 * 4);
});

it("gradients are those of the sum of all ranks' losses", async () => {
  // With weights w_r for rank r's result y_r = C(x_0, x_1, …)_r, the loss Σ_r Σ w_r·y_r is linear in every x; its gradient
  // by x_s along a direction d is the loss of d in x_s's place and zeros elsewhere.
  const ranks = 3;
  const shape = [2, 6];
  const linear = Object.entries(definitions).filter(([name]) => name !== "all-reduce max");
  for (const [name, { f, expected }] of linear) {
    const all = Array.from({ length: ranks }, (_, rank) => operandOf(rank, shape));
    const outcomes = await onRanks(createMesh({ model: ranks }), async (communicator) => {
      const { rank } = communicator;
      const weightsOf = (y: tf.Tensor) => tf.add(tf.reshape(tf.range(0, y.size), y.shape), rank);
      const loss = (x: tf.Tensor) => {
        const y = f(x, communicator.group("model"));
        return tf.sum(tf.mul(y, weightsOf(y))) as tf.Scalar;
      };
      const step = jit((x: tf.Tensor) => valueAndGrad(loss)(x).gradients, {
        engine: meshEngine(communicator, { engine: tfjsEngine("cpu") }),
      });
      return (await step(all[rank]!)).host();
    });
    const total = (operands: HostTensor[]) =>
      operands.reduce((sum, _, rank) => {
        const { data } = expected(operands, rank);
        return sum + [...data].reduce((own, y, i) => own + y * (i + rank), 0);
      }, 0);
    for (const [source, gradient] of outcomes.entries()) {
      const direction = operandOf(7, shape);
      const operands = all.map((_, rank) => (rank === source ? direction : hostTensor("float32", shape)));
      const slope = [...gradient.data].reduce((sum, g, i) => sum + g * direction.data[i]!, 0);
      expect(slope, name).toBeCloseTo(total(operands), 3);
    }
  }
});

it("a maximum is NaN wherever a rank has it, on all of them", async () => {
  const largest = await onRanks(createMesh({ model: 3 }), async (communicator) => {
    const f = jit((x: tf.Tensor) => collectives.allReduce(x, communicator.group("model"), "max"), {
      engine: meshEngine(communicator, { engine: tfjsEngine("cpu") }),
    });
    // Of three elements, each rank has NaN in one.
    const own = Float32Array.of(1, 2, 3).fill(Number.NaN, communicator.rank, communicator.rank + 1);
    return [...(await (await f(hostTensor("float32", [3], own))).read())];
  });
  expect(largest).toEqual(Array(3).fill([Number.NaN, Number.NaN, Number.NaN]));
});

it("a gradient of the maximum goes to the rank that has it", async () => {
  const gradients = await onRanks(createMesh({ model: 2 }), async (communicator) => {
    const loss = (x: tf.Tensor) => tf.sum(collectives.allReduce(x, communicator.group("model"), "max")) as tf.Scalar;
    const step = jit((x: tf.Tensor) => valueAndGrad(loss)(x).gradients, {
      engine: meshEngine(communicator, { engine: tfjsEngine("cpu") }),
    });
    const x = hostTensor("float32", [2], communicator.rank === 0 ? Float32Array.of(1, 5) : Float32Array.of(2, 3));
    return [...(await (await step(x)).read())];
  });
  // Each rank's loss counts the maximum, so it counts twice.
  expect(gradients).toEqual([
    [0, 2],
    [2, 0],
  ]);
});

it("works on random meshes, over any axis, for random shapes", async () => {
  const axes = fc.record({ data: fc.integer({ min: 1, max: 3 }), model: fc.integer({ min: 1, max: 3 }) });
  const sizes = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(axes, sizes, fc.constantFrom("data", "model"), fc.nat(), async (axes, shape, over, pick) => {
      const axis = pick % shape.length;
      const mesh = createMesh(axes);
      const results = await onRanks(mesh, async (communicator) => {
        const group = communicator.group(over as "data");
        // Scattered and gathered again, a sum is whole on every rank of the group.
        const f = jit(
          (x: tf.Tensor) => {
            const whole = collectives.allGather(x, group, axis);
            return collectives.allGather(collectives.reduceScatter(whole, group, axis), group, axis);
          },
          { engine: meshEngine(communicator, { engine: tfjsEngine("cpu") }) },
        );
        return (await f(operandOf(communicator.rank, shape))).host();
      });
      for (const [rank, result] of results.entries()) {
        const group = mesh.group(rank, over as "data");
        const parts = group.map((other) => operandOf(other, shape));
        const expected = build(result.shape, (index) => {
          const part = index[axis]! % shape[axis]!;
          return group.length * at(parts[Math.floor(index[axis]! / shape[axis]!)]!, index.with(axis, part));
        });
        expect(result).toEqual(expected);
      }
    }),
    { numRuns: 15 },
  );
});
