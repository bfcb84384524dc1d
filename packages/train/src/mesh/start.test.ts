import { existsSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { generatedShapes } from "@vitscale/data";
import { createCommunicator, createMesh, simulatedRanks } from "@vitscale/sharding";
import { vit22b } from "@vitscale/vit";
import { describe, expect, it } from "vitest";
import { temporaryFolders } from "../../test/temporary-folder.ts";
import { resolveConfig } from "../config/train-config.ts";
import { patienceMs } from "./patience.ts";
import { type RankInput, trainAsRank } from "./rank.ts";
import { requireSharedFolder } from "./shared-folder.ts";

const newFolder = temporaryFolders();

const config = resolveConfig(
  {
    model: vit22b("mu/4", { imageSide: 8, classes: 16 }),
    data: { source: generatedShapes({ length: 32, side: 8 }) },
    ...{ batchSize: 8, steps: 6, learningRate: 1e-3, schedule: { kind: "constant" } },
  },
  "test",
);

/** What two ranks are told when each does its own. */
async function refusals(program: (transport: ReturnType<typeof simulatedRanks>[number]) => Promise<unknown>) {
  const results = await Promise.allSettled(simulatedRanks(2).map(program));
  return results.map((result) => (result.status === "rejected" ? (result.reason as Error).message : "nothing"));
}

describe("ranks that begin a run", () => {
  it.each<[string, string, Partial<RankInput>]>([
    ["configurations", "batchSize 8, rank 1 has batchSize 16", { config: { ...config, batchSize: 16 } }],
    ["options", "option resume false, rank 1 has option resume true", { options: { out: "x", resume: true } }],
    ["meshes", "mesh data=2,model=1, rank 1 has mesh data=1,model=2", { axes: { model: 2 } }],
  ])("are told in what their %s differ", async (_, difference, other) => {
    const input: RankInput = { config, axes: { data: 2 }, options: { out: "x", resume: false } };
    const text = await refusals((transport) =>
      trainAsRank(transport, transport.rank === 1 ? { ...input, ...other } : input),
    );
    const said = `ranks 0 and 1 were started differently: rank 0 has ${difference}`;
    expect(text).toEqual([expect.stringContaining(said), expect.stringContaining(said)]);
    expect(existsSync("x")).toBe(false);
  });

  it("must see one folder, in which nothing is left", async () => {
    const [shared, own] = [newFolder(), newFolder()];
    const look = (folderOf: (rank: number) => string) =>
      refusals((transport) => {
        const communicator = createCommunicator(createMesh({ data: 2 }), transport);
        return requireSharedFolder(communicator, folderOf(transport.rank), { patienceMs: 20 });
      });
    expect(await look(() => join(shared, "run"))).toEqual(["nothing", "nothing"]);
    expect(readdirSync(join(shared, "run"))).toEqual([]);
    const said = `rank 1 on ${hostname()} does not see in`;
    expect(await look((rank) => (rank === 0 ? shared : own))).toEqual([
      expect.stringContaining(said),
      expect.stringContaining(said),
    ]);
  });

  it("wait for each other as long as VITSCALE_PATIENCE says", () => {
    expect(patienceMs({})).toBe(600_000);
    expect(patienceMs({ VITSCALE_PATIENCE: "1.5" })).toBe(1500);
    expect(() => patienceMs({ VITSCALE_PATIENCE: "soon" })).toThrow('VITSCALE_PATIENCE is "soon"; give the seconds');
  });
});
