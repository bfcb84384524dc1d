import { hostTensor, type nn, sizeOf } from "@vitscale/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMesh } from "../mesh.ts";
import { joinShards, localShape, shardTensor } from "./shard.ts";

const counted = (shape: readonly number[]) =>
  hostTensor(
    "float32",
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => i),
  );

describe("parts of a tensor", () => {
  it("are blocks along the axes that are cut, of every part that lies there", () => {
    const mesh = createMesh({ data: 2, model: 2 });
    const spec: nn.PartitionSpec = { shape: [2, 6], axes: ["data", "model"], parts: { 1: [2, 4] } };
    const parts = [0, 1, 2, 3].map((rank) => [...shardTensor(counted([2, 6]), spec, mesh, rank).data]);
    // Columns 0 1 | 2 3 4 5: each rank along `model` has one of the first two and two of the last four.
    expect(parts).toEqual([
      [0, 2, 3],
      [1, 4, 5],
      [6, 8, 9],
      [7, 10, 11],
    ]);
  });

  it("join to the whole again, for random meshes, axes and parts", () => {
    const spec = fc
      .record({
        data: fc.integer({ min: 1, max: 3 }),
        model: fc.integer({ min: 1, max: 3 }),
        axes: fc.array(fc.constantFrom(null, "data", "model"), { minLength: 1, maxLength: 3 }),
        sizes: fc.array(fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 2 }), {
          minLength: 3,
          maxLength: 3,
        }),
      })
      .filter(({ axes }) => new Set(axes.filter(Boolean)).size === axes.filter(Boolean).length);
    fc.assert(
      fc.property(spec, ({ data, model, axes, sizes }) => {
        const mesh = createMesh({ data, model });
        const ranksOf = (axis: string | null) => (axis === null ? 1 : mesh.axes[axis as "data"]);
        const parts = Object.fromEntries(axes.map((axis, i) => [i, sizes[i]!.map((size) => size * ranksOf(axis))]));
        const shape = axes.map((_, i) => parts[i]!.reduce((sum, size) => sum + size, 0));
        const whole = counted(shape);
        const shards = Array.from({ length: mesh.size }, (_, rank) =>
          shardTensor(whole, { shape, axes, parts }, mesh, rank),
        );
        expect(joinShards(shards, { shape, axes, parts }, mesh)).toEqual(whole);
        const share = axes.reduce((count, axis) => count * ranksOf(axis), 1);
        for (const shard of shards) expect(shard.data.length).toBe(whole.data.length / share);
      }),
    );
  });

  it("are refused where an axis cannot be shared or the mesh has none of that name", () => {
    const mesh = createMesh({ model: 4 });
    expect(() => localShape({ shape: [6], axes: ["model"] }, mesh)).toThrow(
      'axis 0 of a tensor [6] has a part of 6, which 4 ranks along "model" cannot share equally',
    );
    expect(() => localShape({ shape: [8], axes: ["data"] }, mesh)).toThrow(
      'a tensor [8] is cut over "data", which is no axis of the mesh; its axes are model',
    );
    expect(() => shardTensor(counted([4]), { shape: [8], axes: ["model"] }, mesh, 0)).toThrow(
      "a tensor [4] was given where the specification is for [8]",
    );
  });
});
