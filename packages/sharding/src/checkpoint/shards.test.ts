import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostTensor, hostTensor, type nn, sizeOf } from "@vitscale/core";
import { afterAll, describe, expect, it } from "vitest";
import { shardTensor } from "../layout/shard.ts";
import { createMesh, type Mesh, type MeshAxes } from "../mesh.ts";
import { loadShards, saveShards } from "./shards.ts";

const scratch = mkdtempSync(join(tmpdir(), "vitscale-shards-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const whole = new Map<string, HostTensor>(
  Object.entries({ "in/kernel": [8, 24], "in/bias": [24], scale: [4] }).map(([path, shape], seed) => [
    path,
    hostTensor(
      "float32",
      shape,
      Float32Array.from({ length: sizeOf(shape) }, (_, i) => 100 * seed + i),
    ),
  ]),
);

/** Features over `model`, in the parts of a fused projection; stored over `data`. */
const specs = new Map<string, nn.PartitionSpec>([
  ["in/kernel", { shape: [8, 24], axes: ["data", "model"], parts: { 1: [8, 16] } }],
  ["in/bias", { shape: [24], axes: ["model"] }],
  ["scale", { shape: [4], axes: [null] }],
]);

const partsOf = (mesh: Mesh, rank: number) =>
  new Map([...whole].map(([path, tensor]) => [path, shardTensor(tensor, specs.get(path)!, mesh, rank)]));

async function save(folder: string, axes: MeshAxes): Promise<string[]> {
  const mesh = createMesh(axes);
  const ranks = Array.from({ length: mesh.size }, (_, rank) => rank);
  return Promise.all(ranks.map((rank) => saveShards(folder, partsOf(mesh, rank), specs, { mesh, rank })));
}

describe("a sharded state", () => {
  it("goes on on another mesh: 2×2 → 4×1 → 1", async () => {
    const meshes: MeshAxes[] = [
      { data: 2, model: 2 },
      { data: 4, model: 1 },
      { data: 1, model: 1 },
    ];
    for (const [i, axes] of meshes.entries()) {
      const folder = join(scratch, `step${i}`);
      await save(folder, axes);
      const next = createMesh(meshes[(i + 1) % meshes.length]!);
      for (let rank = 0; rank < next.size; rank++) {
        expect(await loadShards(folder, specs, { mesh: next, rank })).toEqual(partsOf(next, rank));
      }
    }
  });

  it("has every element once, however many copies there are", async () => {
    const files = await save(join(scratch, "once"), { data: 4, model: 2 });
    const headers = 8 * 700;
    const elements = [...whole.values()].reduce((sum, { data }) => sum + data.length, 0);
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    expect(bytes).toBeLessThan(4 * elements + headers);
    expect(bytes).toBeGreaterThan(4 * elements);
  });

  it("says what is missing or does not fit", async () => {
    const folder = join(scratch, "broken");
    const mesh = createMesh({ data: 1, model: 1 });
    await expect(loadShards(folder, specs, { mesh, rank: 0 })).rejects.toThrow(
      `there is no sharded state in ${folder}`,
    );
    const [first] = await save(folder, { data: 1, model: 2 });
    const other = new Map([["scale", { shape: [5], axes: [null] }]]);
    await expect(loadShards(folder, other, { mesh, rank: 0 })).rejects.toThrow(
      "does not fit: scale of shape [5] has shape [4] there",
    );
    rmSync(first!);
    await expect(loadShards(folder, specs, { mesh, rank: 0 })).rejects.toThrow(
      "is incomplete: shard-00000-of-00002.safetensors is missing, which rank 0 did not write",
    );
  });

  it("refuses a folder in which two worlds have written", async () => {
    const folder = join(scratch, "two worlds");
    await save(folder, { data: 1, model: 2 });
    await save(folder, { data: 1, model: 1 });
    await expect(loadShards(folder, specs, { mesh: createMesh({ data: 1, model: 1 }), rank: 0 })).rejects.toThrow(
      /two worlds has states of (1 and of 2|2 and of 1) ranks; keep each in a folder of its own/,
    );
  });

  it.skipIf(!existsSync("/proc/self/fd"))("leaves no file open when a later one is damaged", async () => {
    const folder = join(scratch, "damaged");
    const [, second] = await save(folder, { data: 1, model: 2 });
    truncateSync(second!, 20);
    const open = () => readdirSync("/proc/self/fd").length;
    const before = open();
    const mesh = createMesh({ data: 1, model: 1 });
    await expect(loadShards(folder, specs, { mesh, rank: 0 })).rejects.toThrow(`${second}: `);
    expect(open()).toBe(before);
  });
});
