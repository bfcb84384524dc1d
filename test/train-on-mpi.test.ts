import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tfjsEngine } from "@vitscale/core";
import { checkpointFiles, readCheckpoint, readEvents, readMetrics, readRunInfo, train } from "@vitscale/train";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  buildPrograms,
  installedLaunchers,
  launch,
} from "../packages/sharding/src/transports/mpi/testing/launchers.ts";
import { configOf, type RankOrder } from "./train-on-mpi-rank.ts";

const installed = installedLaunchers();
const root = join(import.meta.dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "vitscale-mpi-"));
// Inside the repository, where its packages are found.
const sources = mkdtempSync(join(root, "node_modules", ".mpi-example-"));
let programs: string;
let expected: number[];

const lossesOf = (folder: string) => readMetrics(folder).map(({ metrics }) => metrics["train/loss"] as number);

beforeAll(async () => {
  if (installed.length === 0) return;
  const [, example = ""] = readFileSync(join(root, "docs/mpi.md"), "utf8").match(/^```ts\n(.*?)^```$/ms) ?? [];
  writeFileSync(join(sources, "example.ts"), example);
  programs = await buildPrograms(join(root, "packages/train/node_modules"), {
    rank: join(import.meta.dirname, "train-on-mpi-rank.ts"),
    example: join(sources, "example.ts"),
  });
  // Of the data package, which decodes nothing here.
  symlinkSync(join(root, "packages/data/node_modules"), join(programs, "node_modules"));
  const out = join(scratch, "alone");
  const stream = { write: () => true };
  await train(configOf(14), { out, peakFlops: 1e9, engine: tfjsEngine("cpu"), stream });
  expected = lossesOf(out);
}, 120_000);

afterAll(() => {
  for (const folder of [scratch, sources]) rmSync(folder, { recursive: true });
  if (programs) rmSync(programs, { recursive: true });
});

describe.each(installed)("the program of docs/mpi.md under $name", { timeout: 60_000 }, ({ name, options }) => {
  it("adds up numbers of four ranks", async () => {
    const { code, output } = await launch({ name, options }, { ranks: 4, program: join(programs, "example.js") });
    expect(code, output).toBe(0);
    const lines = output.split("\n").filter((line) => line.startsWith("rank "));
    // 0 + 1 + 2 + 3.
    const line = (rank: number) => `rank ${rank} of 4: the numbers of all ranks add up to 6`;
    expect(lines.sort()).toEqual([0, 1, 2, 3].map(line));
  });
});

describe.each(installed)("training under $name", { timeout: 300_000 }, ({ name, options, survive, patient }) => {
  const out = join(scratch, name);
  const start = (order: Omit<RankOrder, "out">) => ({
    ranks: 2,
    program: join(programs, "rank.js"),
    args: [JSON.stringify({ out, ...order })],
  });

  it("ends on all ranks when one is killed, with its number where the launcher lets them say it", async () => {
    const order = { mesh: { data: 2 }, steps: 100_000, killAt: 9 };
    const { code, output } = await launch({ name, options: [...options, ...survive] }, start(order));
    const { status, error = "" } = readRunInfo(out);
    // A launcher that lets the others live may end with 0 although a rank has died (docs/mpi.md).
    if (survive.length === 0) expect(code, output).not.toBe(0);
    if (survive.length === 0 && status === "running") return;
    expect([status, error], output).toEqual(["failed", expect.stringMatching(/rank 1 is lost/)]);
  });

  it("goes on on another mesh with the losses of one rank, and stops with a checkpoint when the launcher is told to", async () => {
    let isTold = false;
    const order = { mesh: { model: 2 }, steps: 100_000, resume: true };
    const { output } = await launch({ name, options: [...options, ...patient] }, start(order), (text, kill) => {
      if (isTold || !/^step 13\//m.test(text)) return;
      isTold = true;
      kill("SIGTERM");
    });
    const { status, step } = readRunInfo(out);
    expect([isTold, status], output).toEqual([true, "interrupted"]);
    const [newest] = checkpointFiles(join(out, "checkpoints"));
    expect((await readCheckpoint(newest as string)).step).toBe(step);
    // Rank 1 died after step 9: the checkpoint of step 8 was begun, which it is when at most that of step 6 is not complete.
    const resumed = readEvents(out).find(({ kind }) => kind === "resumed");
    expect(resumed?.step).toBeGreaterThanOrEqual(4);
    const losses = lossesOf(out);
    for (const [row, loss] of expected.slice(0, 13).entries())
      expect(Math.abs(losses[row]! / loss - 1)).toBeLessThan(1e-5);
    expect(existsSync(join(out, ".lock"))).toBe(false);
  });
});
