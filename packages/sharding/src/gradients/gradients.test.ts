import * as tf from "@tensorflow/tfjs-core";
import { type HostTensor, hostTensor, jit, type nn, tfjsEngine } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { type Communicator, meshRank } from "../communicator.ts";
import { shapeOnly } from "../layout/shape-only.ts";
import { shardTensor } from "../layout/shard.ts";
import { createMesh } from "../mesh.ts";
import { cutProgram } from "../program/cut.ts";
import { meshEngine } from "../program/engine.ts";
import { onRanks } from "../testing/on-ranks.ts";
import { normsOnMesh } from "./norm.ts";
import { gradientsOnMesh } from "./on-mesh.ts";
import { reduceGradients } from "./reduce.ts";

const mesh = createMesh({ data: 2, model: 2 });
const specs: Record<string, nn.PartitionSpec> = {
  kernel: { shape: [4, 2], axes: [null, "model"] },
  stored: { shape: [4, 2], axes: ["data", "model"] },
  scale: { shape: [3], axes: [null] },
};
const values: Record<string, HostTensor> = {
  kernel: hostTensor("float32", [4, 2], Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)),
  stored: hostTensor("float32", [4, 2], Float32Array.of(-1, 2, -3, 4, -5, 6, -7, 8)),
  scale: hostTensor("float32", [3], Float32Array.of(1, 1, 2)),
};

const shards = (rank: number) =>
  Object.fromEntries(
    Object.entries(values).map(([path, tensor]) => [path, shardTensor(tensor, specs[path]!, mesh, rank)]),
  );

const onMesh = <Result>(f: (tree: Record<string, tf.Tensor>, communicator: Communicator) => Result) =>
  onRanks(mesh, async (communicator) => {
    const compiled = jit((tree: Record<string, tf.Tensor>) => f(tree, communicator), {
      engine: meshEngine(communicator, { engine: tfjsEngine("cpu") }),
    });
    return compiled(shards(communicator.rank));
  });

describe("gradients on a mesh", () => {
  it("are summed over the ranks that have copies, and over no others", async () => {
    const results = await onMesh((tree, communicator) =>
      reduceGradients(tree, specs, communicator, { bucketBytes: 20 }),
    );
    for (const [rank, result] of results.entries()) {
      const own = shards(rank);
      const times = async (path: string, factor: number) =>
        expect([...(await result[path]!.read())]).toEqual(Array.from(own[path]!.data, (x) => factor * x));
      await times("kernel", 2);
      await times("stored", 1);
      await times("scale", 4);
    }
  });

  it("have the norm of the whole, the same on every rank", async () => {
    const results = await onMesh((tree, communicator) =>
      normsOnMesh({ all: tree, scale: { scale: tree.scale } }, specs, communicator),
    );
    for (const { all, scale } of results) {
      // Twice 1² + … + 8², and 1 + 1 + 4.
      expect((await all.read())[0]).toBeCloseTo(Math.sqrt(2 * 204 + 6), 4);
      expect((await scale.read())[0]).toBeCloseTo(Math.sqrt(6), 5);
    }
  });

  it("are added up along an axis of a parameter by the ranks that have other stretches of it", async () => {
    const results = await onMesh(({ kernel }, communicator) => {
      const { shape, sumOver } = gradientsOnMesh(specs, communicator).spreadOf("kernel");
      expect(shape).toEqual([4, 2]);
      const own = kernel as tf.Tensor;
      return { byRow: sumOver(tf.sum(own, 1), 1), byColumn: sumOver(tf.sum(own, 0), 0) };
    });
    for (const [rank, { byRow, byColumn }] of results.entries()) {
      expect([...(await byRow.read())]).toEqual([3, 7, 11, 15]);
      // A rank has a column of the two, whole.
      expect([...(await byColumn.read())]).toEqual([rank % 2 === 0 ? 16 : 20]);
    }
  });

  it("travel while those of earlier layers are still to be computed", () => {
    const rank = meshRank(createMesh({ data: 2 }), 0);
    const whole = { first: { shape: [8, 8], axes: [null, null] }, second: { shape: [8, 8], axes: [null, null] } };
    // As a backward pass makes them: the last layer's first.
    const step = jit((dy: tf.Tensor, w: tf.Tensor) => {
      const second = tf.matMul(w, dy);
      const first = tf.exp(tf.matMul(second, w));
      return reduceGradients({ first, second }, whole, rank, { bucketBytes: 4 });
    });
    const { transfers, segments } = cutProgram(step.graph(shapeOnly([8, 8]), shapeOnly([8, 8])));
    const operations = segments.map(({ graph }) =>
      graph.nodes.flatMap((node) => (node.inputs.length > 0 ? node.operation : [])),
    );
    expect(operations).toEqual([["matmul"], ["matmul", "exp"]]);
    expect(
      transfers.map(({ inputs: [operand] }) => segments.findIndex(({ outputs }) => outputs.includes(operand))),
    ).toEqual([0, 1]);
  });
});
