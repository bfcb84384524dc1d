import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterAll, describe, expect, it } from "vitest";
import { readMetrics } from "../runs/rows.ts";
import { metricsCsv } from "./csv.ts";
import { exportRun } from "./export-run.ts";
import { metricsParquet } from "./parquet.ts";
import { tensorBoardFile } from "./tensorboard.ts";
import { encodeEvent } from "./tensorboard-schema.ts";

const fixtures = join(import.meta.dirname, "../../fixtures");
const run = join(fixtures, "run");
// What TensorBoard and pyarrow read of these exports; fixtures/read_exports.py has the commands.
const peers = JSON.parse(readFileSync(join(fixtures, "exports.json"), "utf8"));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const scratch = mkdtempSync(join(tmpdir(), "vitscale-exports-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Values of a metric with step and time, as the record has them. */
const curve = (name: string, toNumber: (value: number) => number) =>
  readMetrics(run).flatMap(({ step, time, metrics }) =>
    metrics[name] === undefined ? [] : [[step, time, toNumber(metrics[name])]],
  );

describe("a TensorBoard event file", () => {
  const { scalars, images, texts, sha256: checksum } = peers.tensorboard;

  it("is byte by byte the one that TensorBoard read", () => {
    expect(sha256(tensorBoardFile(run))).toBe(checksum);
  });

  it("gives TensorBoard every metric, in float32, with its step and time", () => {
    const names = new Set(readMetrics(run).flatMap(({ metrics }) => Object.keys(metrics)));
    expect(new Set(Object.keys(scalars))).toEqual(names);
    for (const name of names) {
      const read = scalars[name].map(([step, time, value]: unknown[]) => [step, time, Number(value)]);
      expect(read).toEqual(curve(name, Math.fround));
    }
  });

  it("has points that are exactly 0", () => {
    const event = encodeEvent({ wallTime: 1, step: 2, summary: { value: [{ tag: "a/b", simpleValue: 0 }] } });
    // Event.summary is field 5 and Summary.value field 1, both with a length; tag is field 1, simple_value field 2 of four bytes.
    const value = [...[0x0a, 3, ...Buffer.from("a/b")], ...[0x15, 0, 0, 0, 0]];
    expect([...event.slice(-14)]).toEqual([0x2a, 12, 0x0a, 10, ...value]);
  });

  it("gives it pictures, events and the configuration", () => {
    expect(images).toEqual({
      "media/train-batch": [[0, 4, 2, readFileSync(join(run, "media/train-batch-00000000.png")).length]],
    });
    expect(texts["run/events"]).toEqual([
      [0, "**started** started in process 1 on Test CPU"],
      [40, "**finished** finished at step 40 of 40"],
    ]);
    expect(texts["run/config"][0][1]).toContain('"learningRate": 0.003');
  });
});

describe("a Parquet file", () => {
  const { columns, types, sha256: checksum } = peers.parquet;

  it("is byte by byte the one that pyarrow read", () => {
    expect(sha256(metricsParquet(run))).toBe(checksum);
  });

  it("gives pyarrow steps, times, and nullable doubles", () => {
    expect(types).toMatchObject({ step: "int64", time: "timestamp[ms, tz=UTC]", "train/loss": "double" });
    const rows = readMetrics(run);
    expect(columns.step).toEqual(rows.map(({ step }) => step));
    expect(columns.time).toEqual(rows.map(({ time }) => time));
    for (const name of ["train/loss", "optim/grad-norm", "validation/top1"]) {
      const read = columns[name].map((value: unknown) => (value === null ? undefined : Number(value)));
      expect(read).toEqual(rows.map(({ metrics }) => metrics[name]));
    }
    expect(peers.parquet.run).toBe("fixture");
  });

  it("is read by hyparquet too", async () => {
    const bytes = metricsParquet(run);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const [first, second] = await parquetReadObjects({ file });
    expect(first).toMatchObject({ step: 20n, "train/loss": Math.LN10, "optim/grad-norm": Number.POSITIVE_INFINITY });
    expect(second).toMatchObject({ "train/loss": null, "validation/top1": 0.125 });
  });
});

describe("CSV", () => {
  it("has a line for each row and nothing where there is no value", () => {
    expect(metricsCsv(run).split("\r\n")).toEqual([
      "step,time,train/loss,optim/grad-norm,time/mfu,validation/loss,validation/top1",
      "20,1767323055.25,2.302585092994046,Infinity,0.1,,",
      "20,1767323056.5,,,,2,0.125",
      "40,1767323100.125,1.1,NaN,,,",
      "40,1767323105,,,,1.5,0.625",
      "",
    ]);
  });
});

it("writes files under names that are the same each time", () => {
  const written = (["csv", "parquet", "tensorboard"] as const).map((format) => exportRun(run, format, scratch));
  expect(written.map((path) => path.slice(scratch.length + 1))).toEqual([
    "metrics.csv",
    "metrics.parquet",
    "tensorboard/events.out.tfevents.1767323045.fixture",
  ]);
  expect(readFileSync(written[0]!, "utf8")).toBe(metricsCsv(run));
});
