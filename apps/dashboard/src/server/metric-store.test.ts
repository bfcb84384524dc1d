import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { metricStore } from "./metric-store.ts";

describe("metricStore", () => {
  const root = mkdtempSync(join(tmpdir(), "store-"));
  afterAll(() => rmSync(root, { recursive: true }));
  const make = (id: string, rows: number) => {
    mkdirSync(join(root, id));
    const lines = Array.from({ length: rows }, (_, step) => `{"step":${step},"time":${step},"train/loss":${step}}\n`);
    writeFileSync(join(root, id, "metrics.jsonl"), lines.join(""));
    return { id, folder: join(root, id), stamp: `${rows}`, resumed: [] };
  };

  it("stays within its budget, and reads again what it let go", async () => {
    const sources = ["a", "b", "c", "d"].map((id) => make(id, 1000));
    const one = (await metricStore(1e9).get(sources[0]!)).table.bytes;
    const store = metricStore(2 * one);
    for (const source of [...sources, ...sources]) {
      expect((await store.get(source)).table.steps.length).toBe(1000);
      expect(store.bytes).toBeLessThanOrEqual(2 * one);
    }
  });

  it("answers two who ask at once from one reading", async () => {
    const store = metricStore(1e9);
    const source = make("e", 500);
    const [first, second] = await Promise.all([store.get(source), store.get(source)]);
    expect(first.table).toBe(second.table);
    expect(first.table.steps.length).toBe(500);
  });

  it("says what is missing or unfinished", async () => {
    const store = metricStore(1e9);
    const missing = await store.get({ id: "none", folder: join(root, "none"), stamp: "1", resumed: [] });
    expect(missing.problems).toEqual([]);
    const source = make("f", 1);
    writeFileSync(join(root, "f", "metrics.jsonl"), '{"step":1,"time":1}\n{"step"');
    expect((await store.get(source)).problems).toEqual([
      "metrics.jsonl ends in 7 bytes of a line that is not finished",
    ]);
    rmSync(join(root, "f", "metrics.jsonl"));
    expect((await store.get({ ...source, stamp: "gone" })).problems[0]).toBe(
      "metrics.jsonl cannot be read: it does not exist",
    );
  });
});
