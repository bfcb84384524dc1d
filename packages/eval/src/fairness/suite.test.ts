import { random } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import type { Estimate } from "../statistics/index.ts";
import { numberColumn, type Table, table, tableRows, textColumn, vectorColumn } from "../table/index.ts";
import { hasSharedData, sharedCsv } from "../testing/shared-data.ts";
import type { ConfusionView, SubgroupsView, TradeOffView } from "../views/index.ts";
import { fairnessSuite } from "./suite.ts";

const uniform = (rows: number, seed: number) =>
  Float64Array.from(random.threefryBits(seed, 2, rows), (word) => (word >>> 0) / 2 ** 32);

/** 400 people of two groups: the second is asked about more favourably, by 0.3 in probability. */
function people(rows = 400): Table {
  const draw = uniform(rows, 2);
  const p = Float64Array.from(draw, (_, row) => 0.1 + (0.5 * row) / rows + (row % 2 === 1 ? 0.3 : 0));
  const label = p.map((value, row) => (draw[row]! < value ? 1 : 0));
  return table(
    {
      scores: numberColumn(p),
      label: numberColumn(label),
      group: textColumn(Array.from(p, (_, row) => (row % 2 === 1 ? "b" : "a"))),
    },
    "people",
  );
}

describe("fairness suite", () => {
  it("measures groups and what equality costs", async () => {
    const { metrics, tables, plots, notes } = await fairnessSuite().run(people(), { replicates: 40 });
    const gap = metrics["group/demographic-parity-difference"]!;
    // Selected are 20 % of a (0.1 + 0.5 u > 0.5, u evenly from 0 to 1) and 80 % of b.
    expect(gap.value).toBeCloseTo(0.6, 1);
    expect(gap.low).toBeLessThan(gap.value);
    expect(gap.high).toBeGreaterThan(gap.value);
    expect(metrics["group/as-it-is/demographic-parity-difference"]!.value).toBeCloseTo(gap.value, 12);
    expect(metrics["group/as-it-is/accuracy"]!.value).toBeCloseTo(metrics.accuracy!.value, 12);
    expect(metrics["group/equal-rates/demographic-parity-difference"]!.value).toBeLessThan(0.15);
    expect(metrics["group/equal-odds-by-thresholds/equalized-odds-difference"]!.value).toBeLessThan(0.25);
    expect(tables.map(({ title }) => title)).toEqual([
      "Groups by group",
      "Between groups by group",
      "Mitigation by group",
      "Parity by group against accuracy and calibration",
    ]);
    expect(plots.map(({ name }) => name)).toEqual(["trade-off-accuracy-group", "trade-off-ece-group"]);
    expect(notes).toContainEqual(expect.stringMatching(/^By group, accuracy is lowest for "[ab]"\.$/));
  });

  it("shows groups and trade-offs with the numbers of its metrics and tables", async () => {
    const { metrics, tables, views = [] } = await fairnessSuite().run(people(), { replicates: 2 });
    expect(views.map(({ kind }) => kind)).toEqual(["subgroups", "trade-off", "trade-off", "confusion"]);
    const { groups, sizes, measures } = views[0] as SubgroupsView;
    expect([groups, sizes]).toEqual([
      ["a", "b"],
      [200, 200],
    ]);
    for (const { values, gap } of measures) expect(gap).toBeCloseTo(Math.abs(values[0]! - values[1]!), 12);
    expect(measures[1]!.gap).toBe(metrics["group/demographic-parity-difference"]!.value);
    expect(measures.map(({ name, worst }) => `${name}: ${worst}`)).toEqual([
      "accuracy: undefined",
      "selection rate: none",
      "true positive rate: undefined",
      "false positive rate: greatest",
      "ECE: greatest",
    ]);
    const { points } = (views[1] as TradeOffView).series[0]!;
    const rows = tables.at(-1)!.rows.map(([, parity, accuracy]) => [parity, accuracy] as Estimate[]);
    expect(points).toHaveLength(rows.length);
    for (const { x, y } of points) {
      expect(rows.some(([parity, accuracy]) => parity!.value === x && accuracy!.value === y)).toBe(true);
    }
    const { counts } = views[3] as ConfusionView;
    expect((counts[0]![0]! + counts[1]![1]!) / 400).toBe(metrics.accuracy!.value);
  });

  it("compares every class where there are more than two", async () => {
    // Class = group for five rows in six, so that classes 0 and 1 are selected for one group each, and all are right.
    const [scores, label, group]: [number[], number[], number[]] = [[], [], []];
    for (let row = 0; row < 24; row++) {
      const of = row % 2;
      const decision = row % 12 < 10 ? of : 2;
      scores.push(...[0, 1, 2].map((index) => (index === decision ? 0.8 : 0.1)));
      label.push(decision);
      group.push(of);
    }
    const columns = {
      scores: vectorColumn(Float32Array.from(scores), 3),
      label: numberColumn(label),
      group: numberColumn(group),
    };
    const { metrics, tables, notes } = await fairnessSuite().run(table(columns), { replicates: 5 });
    expect(metrics["group/demographic-parity-difference"]!.value).toBeCloseTo(10 / 12, 12);
    expect(metrics["group/demographic-parity-ratio"]!.value).toBe(0);
    expect(metrics["group/accuracy-gap"]!.value).toBe(0);
    expect(metrics["group/0/ece"]!.value).toBeCloseTo(0.2, 6);
    // Mean probabilities are (10 · 0.8 + 14 · 0.1) / 24 for classes 0 and 1, (4 · 0.8 + 20 · 0.1) / 24 for 2. At these rates 4.7 of a group's
    // twelve rows can be decided for its own class, 4.7 must be for the other one, and 2 of the 2.6 for class 2 are right.
    expect(metrics["group/equal-rates/demographic-parity-difference"]!.value).toBeLessThan(0.001);
    expect(metrics["group/equal-rates/accuracy"]!.value).toBeCloseTo(6.7 / 12, 5);
    expect(tables).toHaveLength(3);
    expect(notes).toContain("By group, 2 pairs of group and class have no such cases and are compared without.");

    const one = await fairnessSuite({ positive: 0 }).run(table(columns), { replicates: 5 });
    expect(one.metrics["group/demographic-parity-difference"]!.value).toBeCloseTo(10 / 12, 12);
    expect(one.notes).toContain(
      'By group, group "1" has no positives, so no true positive rate: equal opportunity is compared without it.',
    );
    expect(one.notes).toContain('By group, odds were not made equal: "1" has fewer than two positives.');
    expect(one.tables[0]!.rows[1]![6]).toBe("no such cases");
  });

  it("asks of one of several classes whether it has more than half, and says so", async () => {
    // Class 1 is the most probable in all rows, and has more than half in two.
    const scores = vectorColumn(Float32Array.of(0.3, 0.4, 0.3, 0.2, 0.6, 0.2, 0.3, 0.4, 0.3, 0.2, 0.6, 0.2), 3);
    const rows = { scores, label: numberColumn([1, 1, 1, 1]), group: textColumn(["a", "a", "b", "b"]) };
    const one = await fairnessSuite({ positive: 1, scores: "probabilities" }).run(table(rows));
    expect(one.metrics.accuracy!.value).toBe(0.5);
    expect(one.notes.join()).toContain("The question is class 1 or any other: decided yes where it has more than half");
    const all = await fairnessSuite({ scores: "probabilities" }).run(table(rows));
    expect(all.metrics.accuracy!.value).toBe(1);
    expect(all.notes.join()).not.toContain("The question is class");
  });

  it("debiases by stochastic descent as by exact thresholds, if asked", async () => {
    const exact = (await fairnessSuite().run(people(200))).metrics;
    const { metrics, notes } = await fairnessSuite({ method: "stochastic" }).run(people(200));
    expect(metrics["group/equal-rates/accuracy"]!.value).toBeCloseTo(exact["group/equal-rates/accuracy"]!.value, 1);
    expect(metrics["group/equal-rates/demographic-parity-difference"]!.value).toBeLessThan(0.2);
    expect(notes.join()).toContain("thresholds of equal rates were descended to by stochastic steps");
    expect(() => fairnessSuite({ method: "sgd" } as never)).toThrow('it must be "exact" or "stochastic"');
  }, 120_000);

  it("leaves a group of one row out of debiasing, refuses names of rows, and measures where all are right", async () => {
    const odd = tableRows(people(), [0, 2, 4, 6, 1]);
    const { metrics, notes } = await fairnessSuite({ minimumCases: 1 }).run(odd);
    expect(metrics["group/b/accuracy"]!.count).toBe(1);
    expect(metrics["group/demographic-parity-difference"]!.high).toBeGreaterThan(0.8);
    expect(notes).toContain("By group, debiasing leaves out groups of one row: 1.");

    const rows = Float64Array.from({ length: 10_001 }, (_, row) => row);
    const named = {
      scores: numberColumn(rows.map(() => 0.5)),
      label: numberColumn(rows.map(() => 0)),
      group: numberColumn(rows),
    };
    expect(() => fairnessSuite().run(table(named, "named.csv"))).toThrow(
      'named.csv: column "group" has 10001 groups; fairness compares at most 10000',
    );

    const right = {
      scores: numberColumn([0, 1, 0, 1, -0, 1]),
      label: numberColumn([0, 1, 0, 1, 0, 1]),
      group: numberColumn([1, 1, 1, 1, 0, 0]),
    };
    const found = (await fairnessSuite().run(table(right))).metrics;
    expect(found["group/accuracy-gap"]).toMatchObject({ value: 0, low: 0 });
    // Two rows that are right say little: exp(-1.96² / 4).
    expect(found["group/accuracy-gap"]!.high).toBeGreaterThanOrEqual(1 - Math.exp(-(1.959964 ** 2) / 4) - 1e-6);
  });

  it("compares combinations of columns, under a name that files can have", async () => {
    const columns = new Map(people().columns).set(
      "age",
      numberColumn(Float64Array.from({ length: 400 }, (_, row) => (row % 4 < 2 ? 30 : 60))),
    );
    const { metrics, plots } = await fairnessSuite({ attributes: "group*age" }).run(table(columns), { replicates: 3 });
    expect(metrics["group*age/a, 30/accuracy"]!.count).toBe(100);
    expect(plots[0]!.name).toBe("trade-off-accuracy-group-age");
  });

  it("names what is wrong", () => {
    const leftOut = new Map([["sex", 'array "sex" holds texts']]);
    expect(() => fairnessSuite({ attributes: ["sex"] }).run({ ...people(), leftOut })).toThrow(
      'people: array "sex" holds texts',
    );
    expect(() => fairnessSuite({ attributes: ["sex"] }).run(people())).toThrow(
      'people: has no column "sex"; it has scores, label, group; the suite\'s option attributes names the columns of groups',
    );
    expect(() => fairnessSuite().run(tableRows(people(), [0, 2, 4, 5]))).toThrow(
      'people: row 3: group "b" of "group" has one case, fewer than 2; join it with another group or leave it out',
    );
    expect(() => fairnessSuite({ positive: 2 }).run(people())).toThrow(
      "positive class 2 is none of its 2 classes, numbered from 0",
    );
    expect(Object.keys(fairnessSuite({ attributes: "sex, sex*race" }).needs)).toEqual([
      "label",
      "scores",
      "sex",
      "race",
    ]);
    expect(() => fairnessSuite({ attributes: [] })).toThrow(
      "no attributes to compare groups by; name at least one column",
    );
  });
});

describe.skipIf(!hasSharedData("the fairness suite on Adult (packages/eval)"))("fairness suite on Adult", () => {
  it("has the published gaps, and a trade-off that the debiased fit brackets", async () => {
    const rows = sharedCsv("fairness/adult-scores.csv.gz");
    const column = (name: string) => numberColumn(rows.map((row) => Number(row[name])));
    const adult = table(
      { scores: column("p"), label: column("label"), sex: column("sex"), race: column("race") },
      "adult",
    );
    const { metrics } = await fairnessSuite({ attributes: ["sex"] }).run(adult, { replicates: 3 });
    // adult-fairness-expected.json
    expect(metrics.accuracy!.value).toBeCloseTo(0.8501013451, 9);
    expect(metrics["sex/demographic-parity-difference"]!.value).toBeCloseTo(0.1831963672, 9);
    expect(metrics["sex/equalized-odds-difference"]!.value).toBeCloseTo(0.1154520991, 9);
    expect(metrics["sex/0/ece"]!.value).toBeCloseTo(0.0100190656, 9);
    expect(metrics["sex/worst-accuracy"]!.value).toBeCloseTo(0.813041684, 9);
    // Fitted on all rows 0.82241 and 0.82196 (1 - .178044); on halves about the same.
    expect(metrics["sex/equal-rates/accuracy"]!.value).toBeCloseTo(0.822, 2);
    expect(metrics["sex/equal-odds/accuracy"]!.value).toBeCloseTo(0.822, 2);
    expect(metrics["sex/equal-odds-by-thresholds/accuracy"]!.value).toBeGreaterThan(
      metrics["sex/equal-odds/accuracy"]!.value,
    );
    expect(metrics["sex/equal-rates/demographic-parity-difference"]!.value).toBeLessThan(0.02);
  });
});
