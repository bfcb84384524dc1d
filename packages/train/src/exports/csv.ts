import type { OnDamage } from "../runs/rows.ts";
import { metricTable } from "./metric-table.ts";

/**
 * The metrics of a run as CSV (RFC 4180): `step,time,train/loss,…`, a line for each row, nothing where a row has no value. Numbers have
 * all of their digits; those that are none are NaN, Infinity and -Infinity. Names of metrics need no quotes.
 */
export function metricsCsv(folder: string, onDamage?: OnDamage): string {
  const { steps, times, columns } = metricTable(folder, onDamage);
  const header = ["step", "time", ...columns.keys()];
  const lines = steps.map((step, row) => [step, times[row], ...Array.from(columns.values(), (values) => values[row])]);
  return [header, ...lines].map((line) => `${line.map((value) => value ?? "").join(",")}\r\n`).join("");
}
