import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultEngine } from "@vitscale/core";
import { dataFolder, describeMachine } from "@vitscale/train";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Bench, Claim, Scale } from "../claim.ts";
import type { ClaimReport } from "../report/claim-report.ts";
import { fakeClaim } from "../testing/fake-claim.ts";
import { benchProgress } from "./progress.ts";
import { runClaims } from "./run-claims.ts";
import { openStore, storedResults } from "./store.ts";

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "vitscale-bench-"));
});
afterEach(() => rmSync(out, { recursive: true }));

/** Runs claims in the folder of the test; `written` collects what is shown. */
function run(
  claims: readonly Claim[],
  {
    signal = new AbortController().signal,
    fresh = false,
    source = "a",
    scale = "quick" as Scale,
    written = [] as string[],
  } = {},
) {
  const partial: (readonly ClaimReport[])[] = [];
  const stream = { write: (text: string) => written.push(text) > 0 };
  return runClaims({
    ...{ claims, out, fresh, signal, source, scale, engine: defaultEngine(), machine: describeMachine() },
    store: openStore(out),
    places: { dataFolder },
    progress: benchProgress(claims, scale, stream),
    onReport: (reports) => partial.push([...reports]),
  }).then((reports) => ({ reports, partial }));
}

describe("running claims", () => {
  it("measures, judges, keeps the result, and leaves run records", async () => {
    const written: string[] = [];
    const { reports, partial } = await run([fakeClaim()], { written });
    expect(reports[0]?.statements.paper).toMatchObject({
      measured: "9 ms",
      verdict: "reproduced",
      printed: "9 | 10 ms",
    });
    expect(reports[0]?.statements.aim).toMatchObject({ measured: "9, 11 ms", verdict: "reached" });
    expect(partial).toHaveLength(1);
    expect(storedResults(out)).toMatchObject([
      {
        claim: "fake",
        plan: { rounds: 1 },
        measurement: [9, 11],
        runs: [expect.stringMatching(/^fake\/quick-\w{8}\/run$/)],
      },
    ]);
    const folder = join(out, "runs", storedResults(out)[0]!.runs[0]!);
    const record = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"));
    expect(record).toMatchObject({ name: "fake-run", status: "finished", config: { rounds: 1 } });
    expect(readFileSync(join(folder, "metrics.jsonl"), "utf8")).toContain('"time/nothing-ms":9');
    expect(written.join("")).toBe(
      "fake: a claim about nothing, about 10 s\n  Nothing is fast: 9 ms (reproduced)\n  Nothing takes 10 ms: 9, 11 ms (reached)\n",
    );
  });

  it("measures again only when the claim, its plan or the source has changed, or it is asked to", async () => {
    const measured: string[] = [];
    const claim = (version: number) => fakeClaim({ version, onMeasure: (cell) => measured.push(`${version} ${cell}`) });
    await run([claim(1)]);
    const written: string[] = [];
    const { reports } = await run([claim(1)], { written });
    expect(reports[0]?.statements.aim?.measured).toBe("9, 11 ms");
    expect(written.join("")).toMatch(/^fake: measured on \d{4}-\d\d-\d\d \d\d:\d\d UTC; --fresh measures again\n$/);
    expect(measured).toEqual(["1 first", "1 second"]);
    await run([claim(2)]);
    await run([claim(2)], { source: "b" });
    await run([claim(2)], { source: "b", fresh: true });
    expect(measured).toHaveLength(8);
    // Other code takes the place of a measurement by the same plan.
    expect(storedResults(out)).toHaveLength(1);
  });

  it("keeps quick and full results side by side, each with its own curves", async () => {
    const measured: string[] = [];
    const claim = fakeClaim({ onMeasure: (cell) => measured.push(cell) });
    const folders = async (scale: Scale, fresh = false) => {
      const { reports } = await run([claim], { scale, fresh });
      const { runs } = reports[0]!.result!;
      const rounds = runs.map(
        (folder) => JSON.parse(readFileSync(join(out, "runs", folder, "run.json"), "utf8")).config,
      );
      expect(rounds).toEqual([{ rounds: scale === "quick" ? 1 : 2 }]);
      return runs;
    };
    const full = await folders("full");
    const quick = await folders("quick");
    expect(quick).not.toEqual(full);
    expect(await folders("full")).toEqual(full);
    expect(await folders("quick")).toEqual(quick);
    expect(measured).toHaveLength(4);
    await folders("quick", true);
    await folders("full");
    expect(measured).toHaveLength(6);
  });

  it("keeps what an interrupted full run has, though a quick one is finished in between", async () => {
    const measured: string[] = [];
    const onMeasure = (cell: string) => void measured.push(cell);
    const controller = new AbortController();
    const stopping = fakeClaim({ onMeasure, beforeSecond: () => controller.abort() });
    await run([stopping], { scale: "full", signal: controller.signal });
    await run([fakeClaim({ onMeasure })]);
    await run([fakeClaim({ onMeasure })], { scale: "full" });
    expect(measured).toEqual(["first", "first", "second", "second"]);
  });

  it("passes over results of earlier versions, which had one file a claim", async () => {
    mkdirSync(join(out, "claims"));
    writeFileSync(join(out, "claims", "fake.json"), JSON.stringify({ schema: 1, claim: "fake", identity: "old" }));
    const { reports } = await run([fakeClaim()]);
    expect(reports[0]?.error).toBeUndefined();
    expect(storedResults(out)).toHaveLength(1);
  });

  it("goes on at the cell where it was interrupted, and reports what was finished", async () => {
    const measured: string[] = [];
    const controller = new AbortController();
    const onMeasure = (cell: string) => void measured.push(cell);
    const stopping = fakeClaim({ name: "second", onMeasure, beforeSecond: () => controller.abort() });
    const { reports, partial } = await run([fakeClaim(), stopping, fakeClaim({ name: "third" })], {
      signal: controller.signal,
    });
    expect(reports.map(({ name }) => name)).toEqual(["fake"]);
    expect(partial).toHaveLength(1);
    expect(measured).toEqual(["first"]);
    const again = await run([fakeClaim({ name: "second", onMeasure })]);
    expect(measured).toEqual(["first", "second"]);
    expect(again.reports[0]?.statements.aim?.measured).toBe("9, 11 ms");
    // Cells of a finished claim are of no more use.
    expect(readdirSync(join(out, "cells", "second"))).toEqual([]);
  });

  it("makes what claims share once, and lists its records with each of them", async () => {
    const made: string[] = [];
    const claim = (name: string) => ({
      ...fakeClaim({ name }),
      measure: async (_: unknown, bench: Bench) => {
        const { value, folder } = await bench.shared({ what: "a model" }, async (place) => {
          made.push(name);
          bench.record("model", { config: {}, seed: 0, steps: 1 });
          writeFileSync(join(place, "weights"), "w");
          return 9;
        });
        return [value, readFileSync(join(folder, "weights"), "utf8").length];
      },
    });
    await run([claim("first"), claim("second")]);
    expect(made).toEqual(["first"]);
    expect(storedResults(out).map(({ runs, measurement }) => [runs, measurement])).toEqual([
      [[expect.stringMatching(/^first\/quick-\w+\/model$/)], [9, 1]],
      [[expect.stringMatching(/^first\/quick-\w+\/model$/)], [9, 1]],
    ]);
    await run([claim("third")], { fresh: true });
    expect(made).toEqual(["first", "third"]);
  });

  it("reports a claim that fails and runs the next", async () => {
    const broken = fakeClaim({
      name: "broken",
      beforeSecond: () => {
        throw new Error("no such kernel\nsecond line");
      },
    });
    const { reports } = await run([broken, fakeClaim()]);
    expect(reports.map(({ name, error }) => [name, error?.split("\n")[0]])).toEqual([
      ["broken", "Error: no such kernel"],
      ["fake", undefined],
    ]);
    expect(reports[0]?.statements.paper).toMatchObject({
      ...{ measured: "n/a", verdict: "not measurable here", why: "the measurement failed: no such kernel" },
    });
  });

  it("measures again what a damaged file held", async () => {
    await run([fakeClaim()]);
    const [file] = readdirSync(join(out, "claims", "fake"));
    writeFileSync(join(out, "claims", "fake", file!), '{"schema": 1, "cla');
    const measured: string[] = [];
    await run([fakeClaim({ onMeasure: (cell) => measured.push(cell) })]);
    expect(measured).toEqual(["first", "second"]);
    expect(storedResults(out)).toHaveLength(1);
  });
});
