import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lockRun } from "../runs/lock.ts";
import { exportToMlflow } from "./mlflow.ts";

// A server that answers as MLflow did when fixtures/record-mlflow.ts exported the same run to it.
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, "../../fixtures/mlflow.json"), "utf8"));

/** What the server was asked, in order. */
const calls: { path: string; body: Record<string, unknown> }[] = [];
let isKnown = false;
const server = createServer(async (request, response) => {
  let text = "";
  for await (const part of request) text += part;
  const url = new URL(request.url ?? "", "http://server");
  const path = url.pathname.replace("/api/2.0/mlflow/", "");
  const body = text === "" ? Object.fromEntries(url.searchParams) : JSON.parse(text);
  calls.push({ path, body });
  const name = path === "runs/search" ? (isKnown ? "runs/search found" : "runs/search empty") : path;
  const answer = recorded[name];
  response.writeHead(answer?.status ?? 404, { "content-type": "application/json" });
  response.end(JSON.stringify(answer?.body ?? {}));
});
let url = "";
const scratch = mkdtempSync(join(tmpdir(), "vitscale-mlflow-"));
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  cpSync(join(import.meta.dirname, "../../fixtures/run"), join(scratch, "run"), { recursive: true });
});
afterAll(() => {
  server.close();
  rmSync(scratch, { recursive: true });
});

it("leaves MLflow with every parameter, metric and status, and two runs where the steps were done in two ways", () => {
  const { before, next } = recorded.reading;
  const info = { run_name: "fixture", start_time: Date.UTC(2026, 0, 2, 3, 4, 5) };
  expect(before.run.info).toMatchObject({ ...info, status: "KILLED" });
  expect(next.run.info).toMatchObject({ ...info, status: "FINISHED" });
  expect(before.run.data.tags).toContainEqual({ key: "vitscale.superseded-by", value: next.run.info.run_id });
  for (const { run } of [before, next]) {
    const params = run.data.params.map(({ key, value }: Record<string, string>) => [key, value]);
    expect(Object.fromEntries(params)).toEqual({
      batchSize: "8",
      learningRate: "0.003",
      "model.width": "32",
      "model.qkNorm": "rms",
      steps: "40",
      decay: '[["head/kernel",3]]',
    });
  }
  const curveOf = ({ histories }: typeof next) =>
    histories["train/loss"].map(({ step, timestamp, value }: never) => [step, timestamp, value]);
  const both = [
    [20, 1767323055250, Math.LN10],
    [40, 1767323100125, 1.1],
  ];
  expect(curveOf(before)).toEqual([...both, [60, 1767323200000, 0.5]]);
  expect(curveOf(next)).toEqual([...both, [60, 1767323200000, 0.25]]);
});

it("makes experiment and run, sends parameters and every metric, and ends the run", async () => {
  const { link, rows } = await exportToMlflow(join(scratch, "run"), { url: `${url}/` });
  expect(link).toMatch(new RegExp(`^${url}/#/experiments/\\d+/runs/[0-9a-f]{32}$`));
  expect(rows).toBe(4);
  expect(calls.map(({ path }) => path)).toEqual([
    "experiments/get-by-name",
    "experiments/create",
    "runs/search",
    "runs/create",
    "runs/log-batch",
    "runs/set-tag",
    "runs/log-batch",
    "runs/update",
  ]);
  const [byName, , , create, params, , metrics, update] = calls.map(({ body }) => body);
  expect(byName).toEqual({ experiment_name: "vitscale" });
  expect(create).toMatchObject({ run_name: "fixture", start_time: Date.UTC(2026, 0, 2, 3, 4, 5) });
  expect(params?.params).toContainEqual({ key: "model.qkNorm", value: "rms" });
  expect(params?.params).toContainEqual({ key: "decay", value: '[["head/kernel",3]]' });
  expect(metrics?.metrics).toHaveLength(9);
  expect(metrics?.metrics).toContainEqual({
    key: "optim/grad-norm",
    value: "Infinity",
    timestamp: 1767323055250,
    step: 20,
  });
  expect(update).toMatchObject({ status: "FINISHED", end_time: Date.UTC(2026, 0, 2, 3, 5, 5) });
});

it("sends only what is new when the run is exported again", async () => {
  isKnown = true;
  calls.length = 0;
  const metrics = join(scratch, "run/metrics.jsonl");
  writeFileSync(metrics, `${readFileSync(metrics, "utf8")}{"step":60,"time":1767323200,"train/loss":0.5}\n`);
  expect((await exportToMlflow(join(scratch, "run"), { url })).rows).toBe(1);
  expect(calls.map(({ path }) => path)).not.toContain("runs/create");
  expect(calls.find(({ path }) => path === "runs/log-batch")?.body.metrics).toEqual([
    { key: "train/loss", value: 0.5, timestamp: 1767323200000, step: 60 },
  ]);
});

interface Tag {
  readonly value: string;
}

describe("a run that", () => {
  const exported = async (name: string, rows?: (text: string) => string, info: object = {}) => {
    const folder = join(scratch, name);
    cpSync(join(import.meta.dirname, "../../fixtures/run"), folder, { recursive: true });
    const [record, metrics] = [join(folder, "run.json"), join(folder, "metrics.jsonl")];
    writeFileSync(record, JSON.stringify({ ...JSON.parse(readFileSync(record, "utf8")), ...info }));
    if (rows) writeFileSync(metrics, rows(readFileSync(metrics, "utf8")));
    calls.length = 0;
    const { rows: sent } = await exportToMlflow(folder, { url });
    const updates = calls.filter(({ path }) => path === "runs/update").map(({ body }) => body);
    return { sent, paths: calls.map(({ path }) => path), updates };
  };
  const newRun = recorded["runs/create"].body.run.info.run_id;

  it("has rolled back becomes another one, and the one before is marked and ended: no step stands twice", async () => {
    const lineAfter = `{"step":40,"time":1767323300,"train/loss":0.9}\n{"step":60,"time":1767323301,"train/loss":0.8}\n`;
    const redone = (text: string) => `${text.split("\n").slice(0, 3).join("\n")}\n${lineAfter}`;
    const { sent, paths, updates } = await exported("rolled-back", redone);
    expect(sent).toBe(5);
    expect(paths).toContain("runs/create");
    const superseded = calls.find(({ body }) => body.key === "vitscale.superseded-by");
    expect(superseded?.body.value).toBe(newRun);
    expect(updates.map(({ status }) => status)).toEqual(["KILLED", "FINISHED"]);
  });

  it("has lost its last rows, since it was resumed from before them, too", async () => {
    const { sent, paths } = await exported("shorter", (text) => text.split("\n").slice(0, 2).join("\n"));
    expect([sent, paths.includes("runs/create")]).toEqual([1, true]);
  });

  it("is long is sent in calls as large as may be, each with a mark of the rows that are complete", async () => {
    const wide = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`diagnostics/norm/${i}`, i]));
    const rows = Array.from({ length: 700 }, (_, i) => ({
      ...{ step: i + 1, time: 1767323100 + i, "train/loss": 1, "optim/grad-norm": 2 },
      ...(i === 650 && wide),
    }));
    const { sent } = await exported("long", () => rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    expect(sent).toBe(700);
    const batches = calls.flatMap(({ body }) => (body.metrics ? [body as { metrics: object[]; tags: Tag[] }] : []));
    // MLflow counts tags too.
    for (const { metrics, tags } of batches) expect(metrics.length + tags.length).toBeLessThanOrEqual(1000);
    expect(batches.flatMap(({ metrics }) => metrics)).toHaveLength(2 * 700 + 1500);
    // 499 rows of two; what is before the wide row; its first part; the rest of it and what follows.
    expect(batches.map(({ tags: [mark] }) => Number.parseInt(mark!.value, 10))).toEqual([499, 650, 650, 700]);
  });

  it("was half made gets all parameters and rows, in its place", async () => {
    const [found] = recorded["runs/search found"].body.runs;
    const { tags } = found.data;
    found.data.tags = tags.filter(({ key }: { key: string }) => key !== "vitscale.rows");
    const { sent, paths } = await exported("half");
    found.data.tags = tags;
    expect(sent).toBe(4);
    expect(paths.slice(3)).toEqual(["runs/log-batch", "runs/set-tag", "runs/log-batch", "runs/update"]);
    const [params, metrics] = calls.filter(({ path }) => path === "runs/log-batch").map(({ body }) => body);
    expect(params?.params).toHaveLength(6);
    expect(metrics).toMatchObject({
      tags: [{ key: "vitscale.rows", value: expect.stringMatching(/^4 [0-9a-f]{16}$/) }],
    });
  });

  it("goes on is running, one that was killed or stopped is killed, one that failed has failed", async () => {
    const end_time = Date.UTC(2026, 0, 2, 3, 5, 5);
    const ends = async (status: string) => (await exported(status, undefined, { status })).updates.at(-1);
    expect(await ends("interrupted")).toMatchObject({ status: "KILLED", end_time });
    expect(await ends("failed")).toMatchObject({ status: "FAILED", end_time });
    // Nobody holds its lock.
    expect(await ends("running")).toMatchObject({ status: "KILLED", end_time });
    const lock = await lockRun(join(scratch, "running"));
    const running = await ends("running");
    lock.release();
    expect(running).toMatchObject({ status: "RUNNING" });
    expect(running).not.toHaveProperty("end_time");
  });
});

it("says what the server said, and that it cannot be reached", async () => {
  delete recorded["runs/update"];
  await expect(exportToMlflow(join(scratch, "run"), { url })).rejects.toThrow("MLflow refused runs/update (404 ): ");
  await expect(exportToMlflow(join(scratch, "run"), { url: "http://127.0.0.1:1" })).rejects.toThrow(
    /^MLflow cannot be reached at http:\/\/127\.0\.0\.1:1: .+/,
  );
});
