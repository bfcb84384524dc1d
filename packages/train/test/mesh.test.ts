import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readCheckpoint } from "../src/checkpoints/file.ts";
import { findCheckpoint } from "../src/checkpoints/files.ts";
import { main } from "../src/cli/main.ts";
import { loadConfig } from "../src/config/load-config.ts";
import { readRunInfo } from "../src/runs/info.ts";
import { train } from "../src/trainer.ts";
import { startProgram } from "./program.ts";

const scratch = mkdtempSync(join(tmpdir(), "vitscale-mesh-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const config = join(import.meta.dirname, "tiny-config.ts");

/** What the program prints, in this process. */
async function printed(...args: string[]) {
  let text = "";
  const write = (more: string) => {
    text += more;
  };
  const out = join(scratch, "refused");
  const code = await main(["train", config, "--out", out, ...args], { out: write, error: write });
  expect(existsSync(out)).toBe(false);
  return { code, text };
}

interface TraceEvent {
  readonly ph: string;
  readonly pid: number;
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly ts: number;
  readonly dur: number;
}

describe("vitscale train --mesh", () => {
  it("trains on threads, which Ctrl-C stops after the same step, with a checkpoint", async () => {
    const out = join(scratch, "threads");
    const program = startProgram("train", config, "--mesh", "model=2", "--out", out, "--logEverySteps", "1");
    await program.printed(/^step 2\//m);
    program.child.kill("SIGINT");
    const { code, output } = await program.ended;
    expect(output).toContain("rank 0 of 2 over threads");
    expect(code).toBe(130);
    const { status, step } = readRunInfo(out);
    expect(status).toBe("interrupted");
    expect(await readCheckpoint(findCheckpoint(out))).toMatchObject({ step });
  }, 120_000);

  it("writes a trace of what both ranks computed and sent in three steps", async () => {
    const [out, trace] = [join(scratch, "traced"), join(scratch, "traces/steps.json")];
    const sizes = ["--steps", "5", "--schedule.warmupSteps", "0", "--evaluations", "{}", "--mesh", "model=2"];
    const { code, output } = await startProgram("train", config, "--out", out, ...sizes, "--trace", trace).ended;
    expect([code, output]).toEqual([0, expect.stringContaining(`trace of the steps 2 to 4 on 2 ranks: ${trace}\n`)]);
    const { traceEvents } = JSON.parse(readFileSync(trace, "utf8")) as { traceEvents: TraceEvent[] };
    const tasks = traceEvents.filter(({ ph }) => ph === "X");
    const namesOf = (rank: number) => tasks.filter(({ pid }) => pid === rank).map(({ cat, name }) => `${cat} ${name}`);
    // Both do the same, and the same in each step.
    expect(namesOf(1).sort()).toEqual(namesOf(0).sort());
    for (const name of new Set(namesOf(0)))
      expect([name, namesOf(0).filter((own) => own === name).length % 3]).toEqual([name, 0]);
    expect(namesOf(0)).toContainEqual(expect.stringMatching(/^transfer .*over model/));
    // An all-reduce ends on no rank before it has begun on the other: the clocks are one.
    const reduces = [0, 1].map((rank) => tasks.filter(({ pid, name }) => pid === rank && name.startsWith("allReduce")));
    const [[first], [second]] = reduces as [[TraceEvent], [TraceEvent]];
    expect(Math.min(...tasks.map(({ ts }) => ts))).toBe(0);
    expect(first.ts).toBeLessThanOrEqual(second.ts + second.dur);
    expect(second.ts).toBeLessThanOrEqual(first.ts + first.dur);
  }, 120_000);

  it("traces runs on a mesh alone, and one at a time", async () => {
    const trace = ["--trace", join(scratch, "none.json")];
    expect(await printed(...trace)).toMatchObject({ code: 2, text: expect.stringContaining("--trace shows what the") });
    expect(await printed(...trace, "--mesh", "model=2", "--seeds", "0,1")).toMatchObject({
      code: 2,
      text: expect.stringContaining("--trace is of one run, but this is a group"),
    });
    const options = { out: join(scratch, "refused"), trace: "none.json" };
    await expect(train(await loadConfig(config), options)).rejects.toThrow("this run has one rank; give a mesh");
  });

  it("refuses meshes that do not fit before anything starts", async () => {
    expect(await printed("--mesh", "2x2")).toMatchObject({
      code: 2,
      text: expect.stringContaining('--mesh "2x2" is no'),
    });
    expect(await printed("--plan")).toMatchObject({ code: 2, text: expect.stringContaining("--plan needs a mesh") });
    const { code, text } = await printed("--mesh", "data=3");
    expect([code, text]).toEqual([1, "3 data ranks cannot share batchSize 8 equally; make it 6 or 9\n"]);
  });

  it("prints a plan and trains nothing", async () => {
    const { code, text } = await printed("--mesh", "data=2,model=2", "--plan");
    expect(code).toBe(0);
    expect(text).toContain("a rank sends in a step:");
  });
});
