import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { lockRun } from "../runs/lock.ts";
import { main } from "./main.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-main-"));
afterAll(() => rmSync(folder, { recursive: true }));
const empty = join(folder, "empty.ts");
writeFileSync(empty, "export default {};\n");

async function run(...argv: string[]) {
  let [out, error] = ["", ""];
  const output = {
    out: (text: string) => {
      out += text;
    },
    error: (text: string) => {
      error += text;
    },
  };
  return { code: await main(argv, output), out, error };
}

it("prints its help", async () => {
  for (const argv of [[], ["help"], ["--help"]]) {
    expect(await run(...argv)).toMatchObject({ code: 0, out: expect.stringContaining("Usage: vitscale COMMAND") });
  }
});

it("prints the help of one command", async () => {
  const { code, out } = await run("export", "--help");
  expect(code).toBe(0);
  expect(out).toContain("export");
  expect(out).not.toContain("download");
});

it("exits with 2 for wrong usage, and names the nearest option", async () => {
  expect(await run("train", empty, "--sett", "steps=1")).toEqual({
    code: 2,
    out: "",
    error:
      'vitscale train has no option --sett; did you mean "set"?\nvitscale help lists the commands and their options.\n',
  });
});

it("exits with 1 for a configuration that cannot be used, without a stack", async () => {
  const { code, error } = await run("train", empty, "--set", "stesp=1");
  expect(code).toBe(1);
  expect(error).toContain('stesp is no known field; did you mean "steps"?');
  expect(error).not.toContain("    at ");
});

it("takes fields as options, and checks them against their types", async () => {
  const { code, error } = await run("train", empty, "--steps", "many", "--seeds", "0,1");
  expect(code).toBe(1);
  expect(error).toContain('steps is "many"; it must be an integer of at least 1');
  const shorthand = await run("train", empty, "--train.lr", "fast", "--train.stesp", "9");
  expect(shorthand.error).toContain('learningRate is "fast"; it must be a number of at least 0');
  expect(shorthand.error).toContain('stesp is no known field; did you mean "steps"?');
  expect(await run("train", empty, "--lerningRate", "1")).toMatchObject({
    code: 2,
    error: expect.stringContaining('has no option --lerningRate; did you mean "learningRate"?'),
  });
  expect(await run("train", empty, "--seeds", "a")).toMatchObject({
    code: 2,
    error: expect.stringContaining("--seeds a: give integers with commas between them"),
  });
});

it("lists runs, with those that were killed", async () => {
  const runs = join(folder, "runs");
  const info = JSON.parse(readFileSync(join(import.meta.dirname, "../../fixtures/run/run.json"), "utf8"));
  for (const [name, changes] of [
    ["done", { updated: new Date(Date.now() - 3_700_000).toISOString() }],
    ["failed", { status: "failed", updated: "2026-01-02T03:04:05Z", error: "these do not fit:\n  a\n  b" }],
    ["sweep/seed=0", { status: "running", step: 20, updated: new Date(Date.now() - 60_000).toISOString() }],
  ] as const) {
    mkdirSync(join(runs, name, "evals"), { recursive: true });
    writeFileSync(join(runs, name, "run.json"), JSON.stringify({ ...info, ...changes }));
  }
  mkdirSync(join(runs, "broken"));
  writeFileSync(join(runs, "broken", "run.json"), "{");
  const { code, out } = await run("runs", runs);
  expect(code).toBe(0);
  expect(out.split("\n").map((line) => line.split(/ {2,}/).slice(0, 5))).toEqual([
    ["RUN", "STATUS", "STEP", "UPDATED", "METRICS"],
    ["sweep/seed=0", "killed", "20/40", "1 min ago", "validation/loss 1.5"],
    ["done", "finished", "40/40", "1 h 1 min ago", "validation/loss 1.5"],
    ["failed", "failed", "40/40", expect.stringMatching(/ ago$/), "these do not fit: …"],
    ["broken", "unreadable", expect.stringContaining("run.json is damaged: ")],
    [""],
  ]);
  const listed = JSON.parse((await run("runs", runs, "--json")).out);
  expect(listed[0]).toMatchObject({ path: "sweep/seed=0", status: "killed", info: { status: "running" } });

  const lock = await lockRun(join(runs, "sweep/seed=0"));
  expect((await run("runs", runs)).out).toContain("sweep/seed=0  running");
  lock.release();
});

it("gathers runs over their seeds", async () => {
  const runs = join(folder, "seeds");
  const info = JSON.parse(readFileSync(join(import.meta.dirname, "../../fixtures/run/run.json"), "utf8"));
  for (const [seed, loss] of [1.25, 1.5, 1.75].entries()) {
    const run = join(runs, `seed=${seed}`);
    mkdirSync(join(run, "evals"), { recursive: true });
    writeFileSync(join(run, "run.json"), JSON.stringify({ ...info, seed, config: { ...info.config, seed } }));
    writeFileSync(join(run, "metrics.jsonl"), `${JSON.stringify({ step: 40, time: 0, "test/loss": loss })}\n`);
  }
  const { out } = await run("runs", runs, "--over-seeds", "--markdown");
  expect(out).toBe("| run | seeds | test/loss |\n| --- | ---: | ---: |\n| . | 3 | 1.50 ± 0.25 |\n");
  expect(await run("runs", runs, "--over-seeds", "--metrics", "test/los")).toMatchObject({
    code: 2,
    error: expect.stringContaining('has the metric test/los; did you mean "test/loss"?'),
  });
  expect((await run("runs", runs, "--markdown")).error).toContain("give that too");
});

it("exports all runs in a folder", async () => {
  const fixture = join(import.meta.dirname, "../../fixtures/run");
  for (const name of ["a", "b/c"]) cpSync(fixture, join(folder, "exported", name), { recursive: true });
  const { code, out } = await run("export", join(folder, "exported"), "--to", "csv", "--out", join(folder, "csv"));
  expect(code).toBe(0);
  expect(out.trim().split("\n").sort()).toEqual(["a", "b/c"].map((name) => join(folder, "csv", name, "metrics.csv")));
  expect(await run("export", fixture, "--to", "excel")).toMatchObject({
    code: 2,
    error: expect.stringContaining('there is no format "excel"; the formats are csv, parquet, tensorboard, mlflow'),
  });
  expect(await run("export", join(folder, "csv"), "--to", "csv")).toMatchObject({
    code: 2,
    error: expect.stringContaining("there is no run in"),
  });
});

it("exports what can be read of damaged runs, says what cannot, and exits with 1", async () => {
  const fixture = join(import.meta.dirname, "../../fixtures/run");
  const [root, out] = [join(folder, "damaged"), join(folder, "damaged-csv")];
  for (const name of ["lines", "record", "whole"]) cpSync(fixture, join(root, name), { recursive: true });
  const metrics = join(root, "lines/metrics.jsonl");
  const lines = readFileSync(metrics, "utf8").split("\n");
  writeFileSync(metrics, [lines[0], '{"step":20,', "{}", ...lines.slice(2)].join("\n"));
  writeFileSync(join(root, "record/run.json"), "{");
  writeFileSync(join(root, "lines/media/train-batch-00000020.png"), "");

  const exported = await run("export", root, "--to", "csv", "--out", out);
  expect(exported.code).toBe(1);
  expect(exported.error).toContain(`${metrics} is damaged in line 2: `);
  expect(exported.error).toContain(`${metrics} is damaged in line 3: it has no step and time\n`);
  expect(exported.error).toContain(`${join(root, "record/run.json")} is damaged: `);
  expect(exported.error).toContain("what is damaged was left out; all else was exported\n");
  expect(exported.out.trim().split("\n").sort()).toEqual(
    ["lines", "whole"].map((name) => join(out, name, "metrics.csv")),
  );
  const rowsOf = (name: string) =>
    readFileSync(join(out, name, "metrics.csv"), "utf8")
      .trim()
      .split("\r\n")
      .slice(1);
  expect(rowsOf("whole").map((row) => row.split(",")[0])).toEqual(["20", "20", "40", "40"]);
  expect(rowsOf("lines").map((row) => row.split(",")[0])).toEqual(["20", "40", "40"]);

  const pictures = await run("export", join(root, "lines"), "--to", "tensorboard", "--out", out);
  expect([pictures.code, pictures.out]).toEqual([1, expect.stringContaining("events.out.tfevents")]);
  expect(pictures.error).toContain("train-batch-00000020.png is damaged: it is no picture of the format PNG");
  const alone = await run("export", join(root, "record"), "--to", "csv");
  expect([alone.code, alone.out]).toEqual([1, ""]);
});

it("names the nearest data set", async () => {
  expect(await run("download", "cifar-10")).toMatchObject({
    code: 2,
    error: expect.stringContaining(
      'there is no data set "cifar-10"; did you mean "cifar10"?; known are cifar10, cifar100, mnist',
    ),
  });
});

it("lists the engines with the reason for each", async () => {
  const { code, out } = await run("engines");
  expect(code).toBe(0);
  expect(out).toMatch(/^(yes|no ) {2}onnx {13}\S/);
});
