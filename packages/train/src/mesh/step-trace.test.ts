import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCommunicator, createMesh, simulatedRanks } from "@vitscale/sharding";
import { afterAll, expect, it } from "vitest";
import { type MeshTrace, meshTrace } from "./step-trace.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-trace-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Does the same on two ranks, each with a trace into one file. */
function onRanks<Result>(path: string, work: (trace: MeshTrace, rank: number) => Promise<Result>) {
  const mesh = createMesh({ data: 2, model: 1 });
  return Promise.all(
    simulatedRanks(2).map(async (transport) =>
      work(meshTrace(createCommunicator(mesh, transport), path), transport.rank),
    ),
  );
}

it("keeps the three steps after the first, and writes once, what all ranks saw", async () => {
  const path = join(folder, "new/steps.json");
  const told = await onRanks(path, async (trace, rank) => {
    const said: (string | undefined)[] = [];
    for (let step = 8; step < 14; step++) {
      // Outside of a step nothing is looked at.
      trace.observe({ kind: "segment", name: "outside", rank, start: 0, end: 1 });
      await trace.step(step, async () => {
        trace.observe({ kind: "segment", name: `step ${step}`, rank, start: 10 * step + rank, end: 10 * step + 5 });
      });
      said.push(await trace.save());
    }
    said.push(await trace.save(true));
    return said.flatMap((text, i) => (text === undefined ? [] : [`${i}: ${text}`]));
  });
  expect(told).toEqual(Array(2).fill([`3: trace of the steps 9 to 11 on 2 ranks: ${path}`]));
  const { traceEvents } = JSON.parse(readFileSync(path, "utf8")) as { traceEvents: Record<string, unknown>[] };
  expect(traceEvents.filter(({ ph }) => ph === "X").map(({ name, pid, ts, dur }) => [name, pid, ts, dur])).toEqual([
    // Microseconds from the first.
    ["step 9", 0, 0, 5000],
    ["step 9", 1, 1000, 4000],
    ["step 10", 0, 10_000, 5000],
    ["step 10", 1, 11_000, 4000],
    ["step 11", 0, 20_000, 5000],
    ["step 11", 1, 21_000, 4000],
  ]);
});

it("writes what there is of a run that is over sooner", async () => {
  const path = join(folder, "short.json");
  const steps = (count: number) => async (trace: MeshTrace) => {
    for (let step = 1; step <= count; step++) await trace.step(step, async () => {});
    return trace.save(true);
  };
  expect(await onRanks(path, steps(1))).toEqual(
    Array(2).fill(expect.stringMatching(/^no trace: .* take more steps, or a larger stability\.observeEverySteps$/)),
  );
  expect(existsSync(path)).toBe(false);
  expect(await onRanks(path, steps(2))).toContain(`trace of the steps 2 to 2 on 2 ranks: ${path}`);
});

it("says before the first step that the file cannot be written", async () => {
  const inFile = join(folder, "new/steps.json/trace.json");
  await expect(onRanks(inFile, async () => {})).rejects.toThrow(
    /^.*steps\.json\/trace\.json cannot be written: .*or give another --trace$/,
  );
});
