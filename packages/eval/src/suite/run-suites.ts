import type { Table } from "../table/table.ts";
import { accumulateAll } from "./accumulate.ts";
import type { ResultFacts } from "./markdown.ts";
import type { Suite, SuiteOptions, SuiteResult } from "./suite.ts";
import { writeResult } from "./write-result.ts";

/** Where results go, and what their files say. */
export interface ReportOptions extends ResultFacts, SuiteOptions {
  /** Folder of the results; a run's `evals`. */
  readonly folder: string;
  /** Goes before the names of the files: the evaluation that the predictions are of, such as `validation`. */
  readonly prefix?: string;
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
 * @throws what a suite throws, for instance TableError where the table is not what it needs; the results before it stay.
 */
export async function runSuites(
  suites: readonly Suite[],
  predictions: Table | AsyncIterable<Table>,
  { folder, prefix, seed, replicates, ...facts }: ReportOptions,
): Promise<Report[]> {
  const reports: Report[] = [];
  const options = { ...(seed !== undefined && { seed }), ...(replicates !== undefined && { replicates }) };
  const running =
    "columns" in predictions
      ? suites.map((suite) => ({ result: () => suite.run(predictions, options) }))
      : await accumulateAll(suites, predictions, options);
  for (const [i, suite] of suites.entries()) {
    const result = await running[i]!.result();
    const name = prefix === undefined ? suite.name : `${prefix}-${suite.name}`;
    reports.push({ suite, result, path: await writeResult(folder, suite, result, facts, name) });
  }
  return reports;
}
