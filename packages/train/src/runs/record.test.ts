import { appendFileSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolders } from "../../test/temporary-folder.ts";
import { describeMachine, describeSource } from "../machine.ts";
import { readRunInfo, runPaths } from "./info.ts";
import { createRun, resumeRun } from "./record.ts";
import { readEvents, readMetrics } from "./rows.ts";

const newFolder = temporaryFolders();

const info = {
  name: "test",
  status: "running" as const,
  config: { steps: 100 },
  seed: 7,
  source: null,
  machine: describeMachine(),
  engine: null,
  step: 0,
  steps: 100,
};

describe("a run record", () => {
  it("holds what was put into it", () => {
    const run = createRun(newFolder(), info);
    run.log(10, { "train/loss": 2.5, "optim/grad-norm": Number.NaN });
    run.evaluation("validation", 10, { top1: 0.25, loss: Number.POSITIVE_INFINITY });
    run.update({ status: "finished", step: 10 });

    expect(readRunInfo(run.folder)).toMatchObject({
      schema: 1,
      status: "finished",
      seed: 7,
      step: 10,
      process: { pid: process.pid },
      summary: { "validation/top1": 0.25, "validation/loss": Number.POSITIVE_INFINITY },
    });
    expect(readMetrics(run.folder).map(({ step, metrics }) => ({ step, metrics }))).toEqual([
      { step: 10, metrics: { "train/loss": 2.5, "optim/grad-norm": Number.NaN } },
      { step: 10, metrics: { "validation/top1": 0.25, "validation/loss": Number.POSITIVE_INFINITY } },
    ]);
    const evaluation = join(runPaths(run.folder).evaluations, "validation-00000010.json");
    expect(JSON.parse(readFileSync(evaluation, "utf8"))).toMatchObject({
      step: 10,
      metrics: { top1: 0.25, loss: "Infinity" },
    });
  });

  it("takes an update beside others, the newest of which stays", async () => {
    const run = createRun(newFolder(), info);
    const beside = run.updateBeside({ step: 5 });
    run.update({ status: "interrupted" });
    await beside;
    expect(readRunInfo(run.folder)).toMatchObject({ step: 5, status: "interrupted" });
    expect(readdirSync(run.folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  it("names the file that a full disk does not take, and what to do", async ({ skip }) => {
    if (!existsSync("/dev/full")) skip("only Linux has a device that is always full");
    const run = createRun(newFolder(), info);
    const { metrics } = runPaths(run.folder);
    symlinkSync("/dev/full", metrics);
    const message = `${metrics} cannot be written: ENOSPC: no space left on device, write; make room on the disk, then go on with a run by --resume`;
    expect(() => run.log(1, { "train/loss": 1 })).toThrow(message);
  });

  it("is not overwritten", () => {
    const { folder } = createRun(newFolder(), info);
    expect(() => createRun(folder, info)).toThrow(
      `${folder} already holds a run (running, step 0 of 100); go on with it by --resume, or give another --out`,
    );
  });

  it("names an evaluation that is damaged when it goes on", () => {
    const { folder, evaluation } = createRun(newFolder(), info);
    evaluation("validation", 10, { top1: 0.25 });
    const path = join(runPaths(folder).evaluations, "validation-00000010.json");
    writeFileSync(path, readFileSync(path, "utf8").slice(0, 20));
    expect(() => resumeRun(folder, 10, {})).toThrow(`${path} is damaged: Unterminated string in JSON at position 20`);
  });

  it("refuses metric names outside group/name", () => {
    const run = createRun(newFolder(), info);
    expect(() => run.log(1, { loss: 1 })).toThrow('"loss" is not a name for a metric; names are group/name');
    expect(() => run.log(1, { "train/Loss": 1 })).toThrow("in lower case");
  });

  it("names a record that cannot be read", () => {
    const { folder } = createRun(newFolder(), info);
    writeFileSync(runPaths(folder).info, '{"schema": 2}');
    expect(() => readRunInfo(folder)).toThrow("has schema 2; this version reads schema 1");
    for (const damaged of ["", "{", "null", '{"schema": 1, "status": "finished"}']) {
      writeFileSync(runPaths(folder).info, damaged);
      expect(() => readRunInfo(folder)).toThrow(/run\.json is damaged: .+ --resume makes it anew/);
    }
    const empty = newFolder();
    expect(() => readRunInfo(empty)).toThrow(`there is no run in ${empty}; vitscale runs lists those that there are`);
  });
});

describe("resuming a record", () => {
  it("removes what came after the checkpoint", () => {
    const run = createRun(newFolder(), info);
    for (const step of [10, 20, 21, 40]) {
      run.log(step, { "train/loss": 1 / step });
      run.evaluation("validation", step, { top1: step / 100 });
    }
    const resumed = resumeRun(run.folder, 20, { steps: 200 });
    resumed.log(25, { "train/loss": 0 });
    expect(readMetrics(run.folder).map(({ step }) => step)).toEqual([10, 10, 20, 20, 25]);
    expect(readdirSync(runPaths(run.folder).evaluations)).toEqual([
      "validation-00000010.json",
      "validation-00000020.json",
    ]);
    expect(resumed.info).toMatchObject({ status: "running", step: 25, steps: 200, resumed: [{ step: 20 }] });
    expect(resumed.info.summary).toEqual({ "validation/top1": 0.2 });
  });

  it("keeps all events: they tell what happened, not what was computed", () => {
    const run = createRun(newFolder(), info);
    run.event(0, "started", "the run began");
    run.event(30, "config-changed", "steps: 100 → 200", { field: "steps" });
    appendFileSync(runPaths(run.folder).events, '{"step": 31, "ki');
    resumeRun(run.folder, 20, {}).event(20, "resumed", "resumed at step 20");
    expect(readEvents(run.folder)).toMatchObject([
      { step: 0, kind: "started", text: "the run began" },
      { step: 30, kind: "config-changed", text: "steps: 100 → 200", field: "steps" },
      { step: 20, kind: "resumed" },
    ]);
  });

  it("gives the same rows wherever in a line the kill fell", () => {
    const run = createRun(newFolder(), info);
    run.log(10, { "train/loss": 1 });
    run.log(20, { "train/loss": 0.5 });
    const path = runPaths(run.folder).metrics;
    const whole = readFileSync(path);
    const [first] = readMetrics(run.folder);
    const firstLength = whole.indexOf("\n") + 1;
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      resumeRun(run.folder, 20, {});
      expect(readMetrics(run.folder)).toEqual(length < firstLength ? [] : [first]);
    }
  });

  it("keeps what stands around a line that is damaged, and names it", () => {
    const run = createRun(newFolder(), info);
    const path = runPaths(run.folder).metrics;
    run.log(10, { "train/loss": 1 });
    appendFileSync(path, '\u0000\u0000\n{"step": 11, "time": 0}\n{"step": 21, "time": 0}\n');
    resumeRun(run.folder, 20, {});
    expect(readEvents(run.folder).map(({ kind, text }) => [kind, text])).toEqual([
      ["damaged-rows", "line 2 of metrics.jsonl cannot be read; what stands before and after is whole"],
    ]);
    expect(() => readMetrics(run.folder)).toThrow(`${path} is damaged in line 2: `);
    const lines = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, lines.toSpliced(1, 1).join("\n"));
    expect(readMetrics(run.folder).map(({ step }) => step)).toEqual([10, 11]);
  });
});

it("leaves no partial file behind", () => {
  const run = createRun(newFolder(), info);
  for (let step = 0; step < 5; step++) run.update({ step });
  expect(existsSync(`${runPaths(run.folder).info}.partial`)).toBe(false);
});

it("describes the source by its commit, and no source by null", () => {
  expect(describeSource(import.meta.dirname)?.commit ?? "0".repeat(40)).toMatch(/^[0-9a-f]{40}$/);
  expect(describeSource(tmpdir())).toBeNull();
});
