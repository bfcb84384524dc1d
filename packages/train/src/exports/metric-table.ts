import { type OnDamage, readMetrics } from "../runs/rows.ts";

/** The metrics of a run as a table: a line for each row of `metrics.jsonl`, a column for each name. */
export interface MetricTable {
  readonly steps: readonly number[];
  /** Seconds since 1970. */
  readonly times: readonly number[];
  /** Columns in the order in which their names first occur; undefined where a row has no value. */
  readonly columns: ReadonlyMap<string, readonly (number | undefined)[]>;
}

/** The metrics of the run in a folder as a table. */
export function metricTable(folder: string, onDamage?: OnDamage): MetricTable {
  const rows = readMetrics(folder, onDamage);
  const names = [...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))];
  return {
    steps: rows.map(({ step }) => step),
    times: rows.map(({ time }) => time),
    columns: new Map(names.map((name) => [name, rows.map(({ metrics }) => metrics[name])])),
  };
}
