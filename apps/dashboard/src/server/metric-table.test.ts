import { describe, expect, it } from "vitest";
import { metricTable } from "./metric-table.ts";

const row = (step: number, time: number, more: object = {}) => JSON.stringify({ step, time, ...more });

describe("metricTable", () => {
  it("keeps a column a metric, with the rows that have it", () => {
    const table = metricTable();
    table.add(row(1, 10, { "train/loss": 2 }));
    table.add(row(2, 11, { "train/loss": "NaN", "test/loss": 3 }));
    table.add(row(3, 13, { "test/loss": 1, note: "no number" }));
    expect([...table.steps.values]).toEqual([1, 2, 3]);
    expect([...table.seconds.values]).toEqual([0, 1, 3]);
    expect([...table.series.get("train/loss")!.rows.values]).toEqual([0, 1]);
    expect([...table.series.get("train/loss")!.values.values]).toEqual([2, Number.NaN]);
    expect([...table.series.get("test/loss")!.rows.values]).toEqual([1, 2]);
    expect([...table.series.keys()]).toEqual(["train/loss", "test/loss"]);
    expect(table.problems).toEqual([]);
  });

  it("counts no pause before a resume as training", () => {
    const table = metricTable([5000]);
    for (const time of [100, 110, 6000, 6010]) table.add(row(time, time));
    expect([...table.seconds.values]).toEqual([0, 10, 10, 20]);
  });

  it("says where lines are damaged, steps fall and the clock jumps", () => {
    const table = metricTable();
    for (const line of [row(1, 10), "{half", "[]", row(2, 11), row(1, 12), row(3, 2), row(4, 3), row(5, 90_000)])
      table.add(line);
    expect([...table.seconds.values]).toEqual([0, 1, 2, 2, 3, 3.75]);
    expect(table.problems).toEqual([
      "metrics.jsonl: 2 lines, the first of them 2, are no row of metrics and left out",
      "metrics.jsonl: the step falls at line 5",
      "the clock went back once; no time is counted there",
      "the clock jumped ahead once; a mean step is counted there",
    ]);
  });

  it("tells a clock that jumps after the first row from steps that take hours", () => {
    const table = metricTable();
    for (const time of [100, 1_760_000_000]) table.add(row(time, time));
    expect([...table.seconds.values]).toEqual([0, 0]);
    const jumped = ["the clock jumped ahead once; a mean step is counted there"];
    expect(table.problems).toEqual(jumped);
    for (const time of [1_760_000_010, 1_760_000_020]) table.add(row(time, time));
    expect([...table.seconds.values]).toEqual([0, 10, 20, 30]);
    expect(table.problems).toEqual(jumped);

    const slow = metricTable();
    for (const hours of [0, 2, 3, 5]) slow.add(row(hours, 3600 * hours));
    expect([...slow.seconds.values]).toEqual([0, 7200, 10_800, 18_000]);
    expect(slow.problems).toEqual([]);
  });

  it("takes 16 bytes a point and 16 a row, and never more than twice of it", () => {
    const table = metricTable();
    for (let step = 0; step < 10_000; step++) table.add(row(step, step, { "a/b": 1, "a/c": 2 }));
    expect(table.bytes).toBeGreaterThanOrEqual(10_000 * (16 + 2 * 16));
    expect(table.bytes).toBeLessThan(2 * 10_000 * (16 + 2 * 16));
  });
});
