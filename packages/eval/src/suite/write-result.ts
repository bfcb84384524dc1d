import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomically } from "@vitscale/core";
import type { ResultView } from "../views/index.ts";
import { type ResultFacts, resultMarkdown } from "./markdown.ts";
import type { Suite, SuiteResult } from "./suite.ts";

/** What the JSON file of a result holds. Numbers that JSON lacks are the strings "NaN", "Infinity", "-Infinity"; in views, null. */
export interface ResultFile extends ResultFacts {
  readonly name: string;
  /** Seconds since 1970. */
  readonly time: number;
  /** Values by metric, as the evaluations of a run have them. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Intervals of 95 % and numbers of cases, by metric. */
  readonly intervals: Readonly<Record<string, { readonly low: number; readonly high: number; readonly count: number }>>;
  readonly measures: string;
  readonly tables: SuiteResult["tables"];
  /** Files of plots beside this one. */
  readonly plots: readonly { readonly title: string; readonly file: string }[];
  /** Drawn by the dashboard: docs/dashboard.md. */
  readonly views: readonly ResultView[];
  readonly notes: readonly string[];
}

/**
 * Writes a result as `NAME.json`, `NAME.md` and a `NAME-PLOT.svg` for each plot into a folder, such as a run's `evals`. Where there is a
 * step it ends the names, `NAME-00000500.json`, so that results of a run stand side by side. Every file appears as a whole; the JSON
 * comes last, so whoever finds it finds the others.
 *
 * @param name of the files; the suite's by default
 * @returns path of the JSON file
 */
export async function writeResult(
  folder: string,
  suite: Pick<Suite, "name" | "measures">,
  given: SuiteResult,
  facts: ResultFacts,
  name: string = suite.name,
): Promise<string> {
  const result = { ...given, plots: namedApart(given.plots) };
  await mkdir(folder, { recursive: true });
  const suffix = facts.step === undefined ? "" : `-${String(facts.step).padStart(8, "0")}`;
  const plotFile = (plot: string) => `${name}-${plot.replaceAll("/", "-")}${suffix}.svg`;
  const write = (file: string, text: string) =>
    writeAtomically(join(folder, file), (append) => append(Buffer.from(text)));

  for (const plot of result.plots) await write(plotFile(plot.name), `${plot.svg}\n`);
  await write(`${name}${suffix}.md`, resultMarkdown(suite, result, facts, plotFile));
  const content: ResultFile = {
    name,
    ...facts,
    time: Date.now() / 1000,
    metrics: mapValues(result.metrics, ({ value }) => value),
    intervals: mapValues(result.metrics, ({ low, high, count }) => ({ low, high, count })),
    measures: suite.measures,
    tables: result.tables,
    plots: result.plots.map((plot) => ({ title: plot.title, file: plotFile(plot.name) })),
    // JSON itself writes NaN as null, which is how views have no value.
    views: JSON.parse(JSON.stringify(result.views ?? [])),
    notes: result.notes,
  };
  const withoutGaps = (_: string, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? `${value}` : value;
  await write(`${name}${suffix}.json`, `${JSON.stringify(content, withoutGaps, 2)}\n`);
  return join(folder, `${name}${suffix}.json`);
}

/** Plots, numbered where the names of different columns make the same name of a file. */
function namedApart(plots: SuiteResult["plots"]): SuiteResult["plots"] {
  const seen = new Map<string, number>();
  return plots.map((plot) => {
    const times = (seen.get(plot.name) ?? 0) + 1;
    seen.set(plot.name, times);
    return times === 1 ? plot : { ...plot, name: `${plot.name}-${times}` };
  });
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, f: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}
