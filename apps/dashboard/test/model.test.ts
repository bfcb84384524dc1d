import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describe as describeLines, seriesOfBand } from "../src/client/charts/series.ts";
import { betterDirection, cell, sortRuns, usualColumns } from "../src/client/model/columns.ts";
import { filterProblems, parseFilter } from "../src/client/model/filter.ts";
import {
  formatBytes,
  formatCell,
  formatDuration,
  formatMetric,
  formatNumber,
  formatShort,
} from "../src/client/model/format.ts";
import { groupRuns } from "../src/client/model/groups.ts";
import { type Address, readLink, start, stepRange, writeLink } from "../src/client/model/link.ts";
import { readReport } from "../src/client/views/benchmark/report.ts";
import { sectionsOf } from "../src/client/views/curves/sections.ts";
import { layerGroups } from "../src/client/views/health/layers.ts";
import { stackOf } from "../src/client/views/health/stack.ts";
import type { RunSummary } from "../src/shared/api.ts";
import { readEvaluation } from "../src/shared/evaluation.ts";
import { flatten } from "../src/shared/flatten.ts";

const run = (id: string, more: Partial<RunSummary> = {}): RunSummary => ({
  ...{ id, name: id, group: "", status: "finished", step: 1, steps: 1, started: 0, updated: 1000, seed: 0 },
  ...{ config: {}, metrics: {}, star: false, note: "", problems: [] },
  ...more,
});

describe("links", () => {
  const texts = fc.string({ unit: "binary", maxLength: 12 });
  const numbers = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0));
  const addresses: fc.Arbitrary<Address> = fc
    .record({
      ...{
        view: fc.constantFrom("runs", "curves", "benchmark" as const),
        runs: fc.array(texts),
        columns: fc.array(texts),
      },
      ...{
        filter: texts,
        sort: texts,
        group: texts,
        color: texts,
        metric: texts,
        open: texts,
        run: texts,
        evaluation: texts,
      },
      ...{
        detail: texts,
        report: texts,
        claim: texts,
        curve: texts,
        x: fc.constantFrom("step", "examples", "time", "flops" as const),
      },
      ...{
        logX: fc.boolean(),
        logY: fc.boolean(),
        all: fc.boolean(),
        only: fc.boolean(),
        smoothing: fc.double({ min: 0, max: 0.999, noNaN: true }),
      },
      ...{ step: numbers },
    })
    .chain((address) =>
      fc
        .option(
          fc.uniqueArray(
            fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
            { minLength: 2, maxLength: 2 },
          ),
        )
        .map((range) => {
          const [from = null, to = null] = range?.toSorted((a, b) => a - b) ?? [];
          return { ...address, from, to };
        }),
    );

  it("hold the whole state: what is written is read back", () => {
    fc.assert(
      fc.property(addresses, (address) => {
        const [path = "", query = ""] = writeLink(address).split("?", 2);
        expect(readLink(path, query)).toEqual(JSON.parse(JSON.stringify(address)));
      }),
    );
  });

  it("narrow charts over steps by a range of steps only", () => {
    const rangeOf = (query: string) => stepRange(readLink("/health", query));
    expect(rangeOf("from=10&to=40")).toEqual({ from: 10, to: 40 });
    expect(rangeOf("x=time&from=10&to=40")).toEqual({ from: null, to: null });
  });

  it("are empty at the start, and survive nonsense", () => {
    expect(writeLink(start)).toBe("/");
    expect(readLink("/nowhere", "x=age&smoothing=7&from=&logX=2")).toEqual({ ...start, smoothing: 0.999 });
    expect(readLink("/", "from=5")).toEqual(start);
    expect(readLink("/", "from=5&to=5")).toEqual(start);
    expect(readLink("/", "from=9&to=5")).toEqual({ ...start, from: 5, to: 9 });
  });
});

describe("filters", () => {
  const runs = [
    run("qk/one", { config: { "model.qkNorm": "rms", learningRate: 0.01 }, metrics: { "test/loss": 1.5 }, star: true }),
    run("qk/two", {
      config: { "model.qkNorm": "none", learningRate: 0.1 },
      metrics: { "test/loss": 2.5 },
      note: "odd one",
    }),
    run("other", { status: "failed" }),
  ];
  it("say what of them can pass no run", () => {
    expect(filterProblems('learningRate<fast -age:7 test/loss<2 one "two three"', runs)).toEqual([
      "“fast” is no number, so nothing is < it.",
      "No run has “age”.",
    ]);
    expect(filterProblems("qkNorm:rms learningRate>=1e-3 star", runs)).toEqual([]);
  });

  it.each([
    ["", ["qk/one", "qk/two", "other"]],
    ["qk", ["qk/one", "qk/two"]],
    ["qk -two", ["qk/one"]],
    ["qkNorm:rms", ["qk/one"]],
    ["model.qkNorm=none", ["qk/two"]],
    ["test/loss<2", ["qk/one"]],
    ["learningRate>=0.1", ["qk/two"]],
    ["learningRate=1e-1", ["qk/two"]],
    ["status:failed", ["other"]],
    ["star", ["qk/one"]],
    ['"odd one"', ["qk/two"]],
    ['"unclosed', []],
  ])("%j", (filter, expected) => {
    expect(runs.filter(parseFilter(filter)).map(({ id }) => id)).toEqual(expected);
  });
});

describe("the table", () => {
  it("sorts numbers as numbers, names with numbers as people do, and nothing last", () => {
    const runs = [run("seed10", { metrics: { a: 2 } }), run("seed2"), run("seed1", { metrics: { a: 10 } })];
    expect(sortRuns(runs, "name").map(({ id }) => id)).toEqual(["seed1", "seed2", "seed10"]);
    expect(sortRuns(runs, "metric.a").map(({ id }) => id)).toEqual(["seed10", "seed1", "seed2"]);
    expect(sortRuns(runs, "-metric.a").map(({ id }) => id)).toEqual(["seed1", "seed10", "seed2"]);
  });

  it("keeps runs whose last value is not finite behind all numbers, and says so in their cells", () => {
    const runs = [run("a", { metrics: { "train/loss": null } }), run("b", { metrics: { "train/loss": 9 } })];
    for (const sort of ["metric.train/loss", "-metric.train/loss"])
      expect(sortRuns(runs, sort).map(({ id }) => id)).toEqual(["b", "a"]);
    expect(formatCell("metric.train/loss", cell(runs[0]!, "metric.train/loss"))).toBe("not finite");
  });

  it.each(["__proto__", "constructor", "toString", "config.__proto__", "metric.constructor"])(
    "knows no column %s, which only the language's objects have",
    (column) => {
      const runs = [run("b"), run("a")];
      expect(cell(runs[0]!, column)).toBeUndefined();
      expect(sortRuns(runs, `-${column}`).map(({ id }) => id)).toEqual(["a", "b"]);
      expect(runs.filter(parseFilter(`${column}:1`))).toEqual([]);
    },
  );

  it("names what a group's mean leaves out", () => {
    const band = { group: "g", x: [1, 2], mean: [2, 2], low: [1, 1], high: [3, 3], runs: 3 };
    const red = { color: "red", isSmoothed: false };
    expect(seriesOfBand(band, red).label).toBe("g (3)");
    const broken = seriesOfBand({ ...band, nonFinite: { first: 2, runs: 1 } }, red);
    expect(broken).toMatchObject({ label: "g (3, 1 not finite)", brokenAt: 2 });
  });

  it("begins with losses and what the configurations differ in", () => {
    const runs = [0.1, 0.2, 0.3].map((rate, index) =>
      run(`${index}`, {
        config: { rate, width: 8, seed: index, kind: index === 0 ? "a" : "b" },
        metrics: { "train/loss": rate },
      }),
    );
    expect(usualColumns(runs)).toEqual(["metric.train/loss", "config.rate", "config.kind"]);
    expect(cell(runs[1]!, "config.rate")).toBe(0.2);
  });

  it("joins runs that differ in the seed only", () => {
    const runs = ["a-seed0", "a-seed1", "b-seed0"].map((id, index) =>
      run(id, { config: { seed: index % 2, name: id, kind: id[0]! } }),
    );
    expect(groupRuns(runs, "seed").map(({ name, runs }) => [name, runs.length])).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    expect(groupRuns(runs, "config.kind").map(({ name }) => name)).toEqual(["kind a", "kind b"]);
  });
});

describe("a report of the benchmark", () => {
  const whole = { name: "c", title: "C", statements: { s: { says: "it is so", verdict: "reproduced" } } };

  it("says how many of its claims are damaged, and shows the others", () => {
    const { claims, problems } = readReport({ claims: [null, whole, 5, { name: "d", statements: [] }, "x"] });
    expect(claims.map(({ name }) => name)).toEqual(["c"]);
    expect(problems).toEqual(["the report is damaged: 4 of its 5 claims cannot be read"]);
    expect(readReport({ claims: [whole] }).problems).toEqual([]);
  });

  it.each([null, [], 7, {}, { claims: {} }])("says of %j that it is none", (value) => {
    expect(readReport(value)).toMatchObject({
      claims: [],
      problems: ["the report is damaged: it has no list of claims"],
    });
  });
});

describe("parts of a sum", () => {
  const parts = ["a", "b"].map((metric) => ({ metric, label: metric, color: "red" }));

  it("are stacked where they were recorded together, in their order", () => {
    const rows = [
      { name: "b", values: [10, null, 30, null] },
      { name: "a", values: [1, 2, null, null] },
    ];
    const stacked = stackOf(parts, { x: [0, 1, 2, 3], rows });
    expect(stacked.map(({ line }) => line)).toEqual([
      { x: [0, 1, 2], y: [1, 2, 0] },
      { x: [0, 1, 2], y: [11, 2, 30] },
    ]);
    expect(stacked[1]!.band).toEqual({ low: [1, 2, 0], high: [11, 2, 30] });
  });
});

describe("lines in words", () => {
  it("say where they end, and that they are smoothed where they are", () => {
    const line = { key: "a", label: "a", color: "red", line: { x: [1, 2], y: [3, 4] } };
    expect(describeLines([line], String)).toBe("a ends at 4");
    expect(describeLines([{ ...line, isSmoothed: true }], String)).toBe("a ends, smoothed, at 4");
  });
});

describe("formats", () => {
  it("numbers", () => {
    expect([0, 1234.5678, 0.000123456, 1e-7, 12345678, -0.5, Number.NaN].map((value) => formatNumber(value))).toEqual([
      "0",
      "1235",
      "0.0001235",
      "1e−7",
      "12\u202f345\u202f678",
      "−0.5",
      "NaN",
    ]);
    expect([0, 950, 1500, 2.5e6, 3e18].map(formatShort)).toEqual(["0", "950", "1.5k", "2.5M", "3E"]);
  });

  it("units by the metric's name", () => {
    expect(formatMetric("train/loss", 1.57)).toBe("1.570");
    expect(formatMetric("validation/top1", 0.5)).toBe("50 %");
    expect(formatMetric("memory/rss-bytes", 3 * 2 ** 30)).toBe("3 GiB");
    expect(formatMetric("time/step-ms", 1500)).toBe("1.5 s");
  });

  it("durations and bytes", () => {
    expect([0, 0.0123, 5.04, 59, 600, 7500, 200_000].map(formatDuration)).toEqual([
      "0 s",
      "12.3 ms",
      "5 s",
      "59 s",
      "10 min",
      "2 h 05",
      "2 d 7 h",
    ]);
    expect(formatBytes(0)).toBe("0 B");
  });
});

describe("names of metrics", () => {
  it("gather into sections, what people look at first in front", () => {
    const names = ["time/step-ms", "block/b10", "train/grad", "train/loss", "block/b2", "block/b3", "validation/top1"];
    expect(sectionsOf(names)).toEqual([
      { title: "train, validation, time", metrics: ["train/loss", "train/grad", "validation/top1", "time/step-ms"] },
      { title: "block", metrics: ["block/b2", "block/b3", "block/b10"] },
    ]);
    expect(sectionsOf(["train/loss", "test/loss"], "TEST")).toEqual([{ title: "test", metrics: ["test/loss"] }]);
  });

  it("gather layers in the order of their numbers", () => {
    const names = [
      "attention-entropy/block10",
      "attention-entropy/block02",
      "norm/block0/update",
      "norm/block1/update",
      "train/loss",
    ];
    expect(layerGroups(names).map(({ title, metrics }) => [title, metrics.map(({ layer }) => layer)])).toEqual([
      ["Attention entropy (nats)", ["block 2", "block 10"]],
      ["norm/update", ["block 0", "block 1"]],
    ]);
  });

  it("names what the trainer observes (docs/recipes.md)", () => {
    const measures = ["gradient-norm", "attention-logit", "activation-rms"];
    const names = measures.flatMap((measure) => [0, 1].map((block) => `diagnostics/${measure}/encoder/block0${block}`));
    expect(layerGroups(names).map(({ title }) => title)).toEqual([
      "Largest attention logit",
      "Activations (root mean square)",
      "Norm of gradients",
    ]);
  });
});

describe("flatten", () => {
  it("gives dotted keys, and lists of scalars as text", () => {
    expect(flatten({ a: { b: 1, c: [1, 2] }, d: [{ e: null }], f: "x".repeat(300) })).toEqual({
      ...{ "a.b": 1, "a.c": "[1,2]", "d.0.e": null },
      f: `${"x".repeat(200)}…`,
    });
  });
});

describe("readEvaluation", () => {
  it("reads numbers and estimates, views, tables and notes, and names what it does not know", () => {
    const { metrics, views, notes, plots, problems } = readEvaluation({
      metrics: { top1: 0.5, ece: { value: 0.1, low: 0.05, high: 0.2, count: 10 }, broken: "NaN" },
      views: [
        { kind: "hologram" },
        { kind: "reliability", title: "R", bins: [{ low: 0, high: 1, count: 3, accuracy: null }] },
      ],
      intervals: { top1: { low: 0.4, high: 0.6, count: 5 } },
      tables: [{ title: "T", columns: ["a"], rows: [[{ value: 2 }], ["x"], [{ value: 3, low: 2, high: 4 }]] }],
      notes: ["a group has no positives"],
      plots: [{ title: "P", file: "suite-p-00000002.svg" }],
    });
    expect(metrics).toEqual([
      { name: "top1", value: 0.5, low: 0.4, high: 0.6 },
      { name: "ece", value: 0.1, low: 0.05, high: 0.2 },
    ]);
    expect(views.map(({ kind, title }) => [kind, title])).toEqual([
      ["reliability", "R"],
      ["table", "T"],
    ]);
    expect(views[1]).toMatchObject({ rows: [[2], ["x"], [{ value: 3, low: 2, high: 4 }]] });
    expect(plots).toEqual([{ title: "P", path: "evals/suite-p-00000002.svg" }]);
    expect(notes).toEqual(["a group has no positives"]);
    expect(problems).toEqual(['view 1, of kind "hologram", is not one that this version shows']);
  });

  it("takes the least value of groups for the worst, unless told otherwise", () => {
    const measures = ["greatest", "none", undefined, "largest"].map((worst) => ({ name: "m", values: [1, 2], worst }));
    const [view] = readEvaluation({ views: [{ kind: "subgroups", measures }] }).views;
    expect(view).toMatchObject({
      measures: [{ worst: "greatest" }, { worst: "none" }, { worst: "least" }, { worst: "least" }],
    });
  });

  it.each([null, [], "text", { views: 3, metrics: [], tables: {} }, { views: [null, { kind: "confusion" }] }])(
    "survives %j",
    (value) => {
      expect(() => readEvaluation(value)).not.toThrow();
    },
  );
});

it("a metric's better direction follows from its name, where that tells", () => {
  expect(["test/loss", "metric.test/top1", "time/mfu", "optim/grad-norm"].map(betterDirection)).toEqual([
    ...["less", "more", "more", undefined],
  ]);
});
