import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { tfjsEngine } from "../engines/tfjs/engine.ts";
import { GraphBuilder } from "../graph/graph.ts";
import { printGraph } from "../graph/print.ts";
import { verifyGraph } from "../graph/verify.ts";
import { hostTensor } from "../host-tensor.ts";
import { jit } from "../jit/jit.ts";
import { valueAndGrad } from "../value-and-grad.ts";
import { allGather, allReduce, allToAll, broadcastFrom, type RankGroup, reduceScatter, ringShift } from "./index.ts";

const group: RankGroup = { over: "model", ranks: [4, 5, 6, 7], position: 1, communicator: 0 };
const x = hostTensor("float32", [8, 3]);

describe("collectives in a program", () => {
  it("have the types of their definitions, and print with who takes part", () => {
    const f = jit((x: tf.Tensor) => [
      allGather(x, group, -1),
      reduceScatter(x, group, 0),
      allReduce(x, group, "max"),
      ringShift(x, group, -1),
      allToAll(x, group, 0, 1),
    ]);
    const graph = f.graph(x);
    verifyGraph(graph);
    expect(graph.outputs.map(({ shape }) => shape)).toEqual([
      [8, 12],
      [2, 3],
      [8, 3],
      [8, 3],
      [2, 12],
    ]);
    expect(printGraph(graph).split("\n")[1]).toBe(
      "%1 = allGather %0 {over=model, ranks=[4,5,6,7], position=1, channel=0, axis=1} : float32[8,12]",
    );
  });

  it("have the collectives as gradients that are their transposes", () => {
    const gradientOf = (f: (x: tf.Tensor) => tf.Tensor) => {
      const step = jit((x: tf.Tensor) => valueAndGrad((x: tf.Tensor) => tf.sum(tf.square(f(x))))(x).gradients);
      return step
        .graph(x)
        .nodes.flatMap(({ operation, shape }) =>
          /^(all|coll|reduceSc)/.test(operation) ? [`${operation} [${shape}]`] : [],
        );
    };
    expect(gradientOf((x) => allGather(x, group, 0))).toEqual(["allGather [32,3]", "reduceScatter [8,3]"]);
    expect(gradientOf((x) => reduceScatter(x, group, 0))).toEqual(["reduceScatter [2,3]", "allGather [8,3]"]);
    expect(gradientOf((x) => allReduce(x, group))).toEqual(["allReduce [8,3]", "allReduce [8,3]"]);
    expect(gradientOf((x) => broadcastFrom(x, group, 2))).toEqual([
      "collectiveBroadcast [8,3]",
      "collectiveReduce [8,3]",
    ]);
    expect(gradientOf((x) => allToAll(x, group, 0, 1))).toEqual(["allToAll [2,12]", "allToAll [8,3]"]);
  });

  it("are neither merged nor computed ahead: each is a meeting of ranks", () => {
    const f = jit((x: tf.Tensor) =>
      tf.add(tf.add(ringShift(x, group), ringShift(x, group)), tf.sum(allReduce(tf.ones([2]), group))),
    );
    const operations = f.graph(x).nodes.map(({ operation }) => operation);
    expect(operations.filter((operation) => operation === "collectivePermute")).toHaveLength(2);
    expect(operations).toContain("allReduce");
  });

  it("say what is wrong with their operands", () => {
    const builder = new GraphBuilder();
    const operand = builder.input("x", "float32", [6, 3]);
    const base = { over: "model", ranks: [0, 1, 2, 3], position: 0, channel: 0 };
    expect(() => builder.add("reduceScatter", [operand], { ...base, axis: 0 })).toThrow(
      'reduceScatter(float32[6,3]): axis 0 has 6 elements, of which 4 ranks along "model" cannot have equally many; pad it to 8',
    );
    expect(() => builder.add("allGather", [operand], { ...base, axis: 2 })).toThrow("axis 2 is not one of its 2 axes");
    expect(() => builder.add("allReduce", [operand], { ...base, position: 4, reduction: "sum" })).toThrow(
      "position 4 is none of the group [0,1,2,3] of distinct ranks",
    );
    expect(() => builder.add("collectiveBroadcast", [operand], { ...base, root: 4 })).toThrow(
      "there is no position 4 in a group of 4",
    );
    const twice = [
      [0, 1],
      [2, 1],
    ] as const;
    expect(() => builder.add("collectivePermute", [operand], { ...base, pairs: twice })).toThrow(
      "a rank may send to one rank and receive from one rank",
    );
    const flags = builder.input("flags", "bool", [4]);
    expect(() => builder.add("allReduce", [operand], { ...base, reduction: "mean" as "sum" })).toThrow(
      '"mean" is no reduction; there are sum and max',
    );
    expect(() => builder.add("allReduce", [flags], { ...base, reduction: "max" })).toThrow(
      "bool is not reduced over ranks",
    );
    expect(() => allGather({ shape: [2] } as tf.Tensor, group, 1)).toThrow(
      "axis 1 is not one of the 1 axes of a tensor [2]",
    );
  });

  it("are refused by engines that know one rank", async () => {
    const f = jit((x: tf.Tensor) => allReduce(x, group), { engine: tfjsEngine("cpu"), name: "total" });
    await expect(f(x)).rejects.toThrow('program "total" has collectives (allReduce over "model")');
  });
});
