import { type Table, writeTable } from "../table/index.ts";
import { type Accumulating, accumulateAll, accumulating } from "./accumulate.ts";
import { type Failure, failureOf } from "./failures.ts";
import type { ResultFacts } from "./markdown.ts";
import type { Suite, SuiteOptions, SuiteResult } from "./suite.ts";
import { writeResult } from "./write-result.ts";

/** Where results go, and what their files say. */
export interface ReportOptions extends ResultFacts, SuiteOptions {
  /** Folder of the results; a run's `evals`. */
  readonly folder: string;
  /** Goes before the names of the files: the evaluation that the predictions are of, such as `validation`. */
  readonly prefix?: string;
  /** File that the predictions are also written to: `.csv`, `.parquet` or `.npz`. */
  readonly save?: string;
  /** Told of each result as soon as it is written. */
  readonly onReport?: (report: Report) => void;
}

/** A suite's result, and where it was written. */
export interface Report {
  readonly suite: Suite;
  readonly result: SuiteResult;
  /** Path of the JSON file; Markdown and plots lie beside it. */
  readonly path: string;
}

/**
 * Runs suites on one table of predictions and writes their results, each as soon as it is there. A table that comes in parts is read once, and
 * kept only if a suite needs it as a whole.
 *
 * @throws what the suite throws that cannot use the table, a TableError for instance, once the results of all others are there; an AggregateError
 *   that says it of each where there are several
 */
export async function runSuites(
  suites: readonly Suite[],
  predictions: Table | AsyncIterable<Table>,
  { folder, prefix, save, onReport, seed, replicates, ...facts }: ReportOptions,
): Promise<Report[]> {
  const options = { ...(seed !== undefined && { seed }), ...(replicates !== undefined && { replicates }) };
  const parts = "columns" in predictions ? [predictions] : predictions;
  const running =
    save === undefined
      ? await accumulateAll(suites, parts, options)
      : await accumulateAndSave(accumulating(suites, options), parts, save);
  const reports: Report[] = [];
  const failures: Failure[] = [];
  for (const [i, { result }] of running.entries()) {
    const suite = suites[i]!;
    const name = prefix === undefined ? suite.name : `${prefix}-${suite.name}`;
    try {
      const found = await result();
      const report = { suite, result: found, path: await writeResult(folder, suite, found, facts, name) };
      reports.push(report);
      onReport?.(report);
    } catch (error) {
      failures.push({ suite: suite.name, error });
    }
  }
  if (failures.length > 0) throw failureOf(failures);
  return reports;
}

/** Writes all parts, even where no suite can use them: they may have taken long to make. */
async function accumulateAndSave(running: Accumulating, parts: AsyncIterable<Table> | Iterable<Table>, path: string) {
  async function* seen() {
    for await (const part of parts) {
      running.add(part);
      yield part;
    }
  }
  await writeTable(path, seen());
  return running.results();
}
