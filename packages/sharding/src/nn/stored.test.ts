import * as tf from "@tensorflow/tfjs-core";
import { hostTensor, jit, nn, tfjsEngine, valueAndGrad } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { shardTensor } from "../layout/shard.ts";
import { storeOver } from "../layout/store.ts";
import { createMesh } from "../mesh.ts";
import { cutProgram } from "../program/cut.ts";
import { meshEngine } from "../program/engine.ts";
import { onRanks } from "../testing/on-ranks.ts";
import { withStoredParameters } from "./stored.ts";

const mesh = createMesh({ data: 2 });
const spec = (...shape: number[]): nn.PartitionSpec => ({ shape, axes: shape.map(() => null) });

describe("parameters stored in pieces", () => {
  it("are cut along the longest axis that is whole and can be shared, if they are large", () => {
    const specs = {
      tall: spec(6, 4),
      wide: spec(4, 6),
      odd: spec(7, 3),
      small: spec(2),
      cut: { ...spec(8, 4), axes: ["model", null] },
    };
    const stored = storeOver(specs, createMesh({ data: 2, model: 2 }), { leastElements: 4 });
    expect(Object.values(stored).map(({ axes }) => axes)).toEqual([
      ["data", null],
      [null, "data"],
      [null, null],
      [null],
      ["model", "data"],
    ]);
    expect(() => storeOver(specs, createMesh({ model: 2 }))).toThrow(
      'the mesh has no axis "data" to store over; its axes are model',
    );
  });

  it("are gathered in one collective a block, and their gradients come back summed", async () => {
    const specs = {
      a: { shape: [4, 2], axes: ["data", null] },
      b: { shape: [3, 4], axes: [null, "data"] },
      c: spec(2),
    };
    const whole = {
      a: hostTensor(
        "float32",
        [4, 2],
        Float32Array.from({ length: 8 }, (_, i) => i),
      ),
      b: hostTensor(
        "float32",
        [3, 4],
        Float32Array.from({ length: 12 }, (_, i) => 10 + i),
      ),
      c: hostTensor("float32", [2], Float32Array.of(1, 2)),
    };
    const results = await onRanks(mesh, async (communicator) => {
      const partition = withStoredParameters(nn.whole, specs, communicator.group("data"));
      const weights = (x: tf.Tensor) => tf.mul(tf.reshape(tf.range(0, x.size), x.shape), communicator.rank + 1);
      const differentiate = valueAndGrad(
        (params: { a: tf.Tensor; b: tf.Tensor; c: tf.Tensor }) => {
          const { a, b, c } = partition.gather(params, "");
          return [tf.add(tf.sum(tf.mul(a, weights(a))), tf.sum(tf.mul(b, weights(b)))), [a, b, c]] as const;
        },
        { hasAux: true },
      );
      const f = jit(differentiate, { engine: meshEngine(communicator, { engine: tfjsEngine("cpu") }) });
      const own = {
        a: shardTensor(whole.a, specs.a, mesh, communicator.rank),
        b: shardTensor(whole.b, specs.b, mesh, communicator.rank),
        c: whole.c,
      };
      const collectives = f.graph(own).nodes.filter(({ operation }) => /^(all|reduceSc)/.test(operation));
      const { gradients, aux } = await f(own);
      return {
        collectives: collectives.map(({ operation }) => operation),
        aux: await Promise.all(aux.map((tensor) => tensor.host())),
        gradients: [await gradients.a.host(), await gradients.b.host()],
      };
    });
    // Ranks weigh element i by i and 2·i.
    const total = (shape: number[]) =>
      hostTensor(
        "float32",
        shape,
        Float32Array.from({ length: shape[0]! * shape[1]! }, (_, i) => 3 * i),
      );
    for (const [rank, result] of results.entries()) {
      expect(result.collectives).toEqual(["allGather", "reduceScatter"]);
      expect(result.aux).toEqual([whole.a, whole.b, whole.c]);
      expect(result.gradients).toEqual([
        shardTensor(total([4, 2]), specs.a, mesh, rank),
        shardTensor(total([3, 4]), specs.b, mesh, rank),
      ]);
    }
  });

  it("are on their way while the block before computes, and not earlier", () => {
    const specs = Object.fromEntries(
      [0, 1, 2].map((i) => [`block${i}`, { w: { shape: [4, 4], axes: ["data", null] } }]),
    );
    const group = { over: "data", ranks: [0, 1], position: 0, communicator: 0 };
    const partition = withStoredParameters(nn.whole, specs, group);
    const f = jit((x: tf.Tensor, blocks: tf.Tensor[]) => {
      let entered: tf.Tensor[] = [];
      return blocks.reduce((x, w, i) => {
        const block = partition.gather({ w }, `block${i}`, ...entered);
        entered = [x];
        return tf.exp(tf.matMul(x, block.w));
      }, x);
    });
    const piece = hostTensor("float32", [2, 4]);
    const { transfers } = cutProgram(f.graph(hostTensor("float32", [3, 4]), [piece, piece, piece]));
    // The first two at once; the third when the second block's input is there, which is computed by the first.
    expect(transfers.map(({ inputs }) => inputs.slice(1).map(({ operation }) => operation))).toEqual([
      [],
      ["input"],
      ["exp"],
    ]);
  });

  it("name the parameter that nobody said how to store", () => {
    const group = { over: "data", ranks: [0, 1], position: 0, communicator: 0 };
    const partition = withStoredParameters(nn.whole, {}, group);
    expect(() => partition.gather({ w: Object.create(tf.Tensor.prototype) as tf.Tensor }, "block0")).toThrow(
      "no specification says how parameter block0/w is spread over ranks",
    );
  });
});
