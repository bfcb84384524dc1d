import { random } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import { calibrationSuite } from "../calibration/suite.ts";
import { CalibrationTally } from "../calibration/tally.ts";
import { fairnessSuite } from "../fairness/suite.ts";
import { knnSuite } from "../features/suites.ts";
import { numberColumn, type Table, table, tableRows, textColumn, vectorColumn } from "../table/index.ts";
import { accumulateAll } from "./accumulate.ts";
import { RowSample } from "./row-sample.ts";
import type { Suite } from "./suite.ts";

const uniform = (stream: number, rows: number) =>
  Float64Array.from(random.threefryBits(stream, 5, rows), (word) => (word >>> 0) / 2 ** 32);

/** People of three groups, whose answer is yes as often as the model says; files list one group after the other. */
function people(rows: number): Table {
  const probabilities = uniform(1, rows);
  const label = uniform(2, rows).map((draw, row) => (draw < probabilities[row]! ? 1 : 0));
  const group = textColumn(Array.from(label, (_, row) => ["c", "a", "b"][Math.floor((3 * row) / rows)]!));
  return table({ scores: numberColumn(probabilities), label: numberColumn(label), group }, "people.csv");
}

function* partsOf(whole: Table, rows: number): Generator<Table> {
  for (let start = 0; start < whole.length; start += rows) {
    const end = Math.min(whole.length, start + rows);
    yield tableRows(
      whole,
      Int32Array.from({ length: end - start }, (_, i) => start + i),
    );
  }
}

describe("suites over parts of a table", () => {
  it("come to what they come to over the whole", async () => {
    const whole = people(900);
    const suites = [fairnessSuite(), calibrationSuite()];
    const options = { replicates: 5, seed: 3 };
    const running = await accumulateAll(suites, partsOf(whole, 70), options);
    for (const [i, suite] of suites.entries()) {
      expect(await running[i]!.result()).toEqual(await suite.run(whole, options));
    }
  });

  it("give suites that need it the whole table, and count rows of errors over all parts", async () => {
    const counting: Suite = {
      ...{ name: "counting", measures: "", needs: {} },
      run: ({ length }) => ({ metrics: {}, tables: [], plots: [], notes: [`${length} rows`] }),
    };
    const [first, second] = await accumulateAll([counting, counting], partsOf(people(50), 20));
    expect([(await first!.result()).notes, (await second!.result()).notes]).toEqual([["50 rows"], ["50 rows"]]);

    const broken = people(50);
    (broken.columns.get("label") as { data: Float64Array }).data[45] = 7;
    await expect(accumulateAll([calibrationSuite()], partsOf(broken, 20))).rejects.toThrow(
      "people.csv: row 45: label 7 is no class; there are 2, numbered from 0",
    );
  });

  it("give the results of those that can go on where one cannot", async () => {
    const broken = people(50);
    (broken.columns.get("label") as { data: Float64Array }).data[45] = 7;
    const counting: Suite = {
      ...{ name: "counting", measures: "", needs: {} },
      run: ({ length }) => ({ metrics: {}, tables: [], plots: [], notes: [`${length} rows`] }),
    };
    const [first, second] = await accumulateAll([calibrationSuite(), counting], partsOf(broken, 20));
    expect(() => first!.result()).toThrow("people.csv: row 45: label 7 is no class");
    expect((await second!.result()).notes).toEqual(["50 rows"]);
  });

  it("refuse a table without a column that is needed, and name those that it has", async () => {
    await expect(accumulateAll([knnSuite()], [people(4)])).rejects.toThrow(
      'people.csv: has no column "features"; it has scores, label, group',
    );
  });

  it("name the row at which vectors become longer", async () => {
    const part = (width: number) =>
      table(
        { scores: vectorColumn(new Float32Array(2 * width).fill(1 / width), width), label: numberColumn([0, 0]) },
        "p",
      );
    await expect(accumulateAll([calibrationSuite()], [part(2), part(3)])).rejects.toThrow(
      'p: row 2: column "scores" holds 3 numbers in each row, but 2 before; give all rows as many',
    );
  });

  it("measure a table that is not kept as one that is, but for what is fitted to a sample", async () => {
    const whole = people(3000);
    const given = { width: 2, data: new Float64Array(6000) };
    const [p, labels] = ["scores", "label"].map((name) => (whole.columns.get(name) as { data: Float64Array }).data);
    for (const [row, value] of p!.entries()) given.data.set([1 - value, value], 2 * row);
    const tally = new CalibrationTally(2, 15);
    for (let start = 0; start < 6000; start += 1000) {
      const part = { width: 2, data: given.data.subarray(start, start + 1000) };
      tally.add({ probabilities: part, labels: labels!.subarray(start / 2, start / 2 + 500) }, whole);
    }
    const { metrics } = tally.measure();
    const expected = (await calibrationSuite().run(whole, { replicates: 300 })).metrics;
    for (const [name, { value, low, high, count }] of Object.entries(metrics)) {
      expect(value, name).toBeCloseTo(expected[name]!.value, 10);
      expect(count).toBe(3000);
      // Random groups of rows and rows drawn again see the same scatter; 64 groups know it to a tenth or two.
      const width = expected[name]!.high - expected[name]!.low;
      if (width > 0) expect((high - low) / width, name).toBeGreaterThan(0.6);
      if (width > 0) expect((high - low) / width, name).toBeLessThan(1.7);
    }
  });
});

describe("RowSample", () => {
  it("keeps all rows while they are few", () => {
    const sample = new RowSample(["label"], 0, 100);
    for (const part of partsOf(people(100), 30)) sample.add(part);
    expect(sample.isWhole).toBe(true);
    expect([...sample.table.columns.keys()]).toEqual(["label"]);
    expect(sample.table.columns.get("label")).toEqual(people(100).columns.get("label"));
  });

  it("draws every row alike, and keeps their order", () => {
    const rows = numberColumn(Float64Array.from({ length: 1000 }, (_, row) => row));
    const drawn = new Float64Array(1000);
    for (let seed = 0; seed < 200; seed++) {
      const sample = new RowSample(["row"], seed, 100);
      for (const part of partsOf(table({ row: rows }), 90)) sample.add(part);
      expect(sample.isWhole).toBe(false);
      const kept = (sample.table.columns.get("row") as { data: Float64Array }).data;
      expect(kept).toHaveLength(100);
      expect(kept).toEqual(kept.toSorted());
      for (const row of kept) drawn[row]!++;
    }
    // Of each tenth of the table 2000 ± 42 rows are drawn.
    for (let tenth = 0; tenth < 10; tenth++) {
      const count = drawn.subarray(100 * tenth, 100 * tenth + 100).reduce((sum, times) => sum + times, 0);
      expect(Math.abs(count - 2000)).toBeLessThan(4 * 42);
    }
  });
});
