import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { type Metrics, runPaths } from "./info.ts";

/** A line of a `.jsonl` file of a run. */
export interface Row {
  /** Finished steps. */
  readonly step: number;
  /** Seconds since 1970. */
  readonly time: number;
}

/** A line of `metrics.jsonl`. */
export interface MetricRow extends Row {
  readonly metrics: Metrics;
}

/** A line of `events.jsonl`: what happened, in words, and further fields by kind. */
export interface RunEvent extends Row {
  readonly kind: string;
  readonly text: string;
}

/** Rows of `metrics.jsonl` in order; a line that is still being written is left out. */
export function readMetrics(folder: string): MetricRow[] {
  return readRows<Row & Record<string, unknown>>(runPaths(folder).metrics).map(({ step, time, ...metrics }) => ({
    ...{ step, time },
    metrics: mapValues(metrics, Number),
  }));
}

/** Lines of `events.jsonl` in order; a line that is still being written is left out. */
export function readEvents(folder: string): RunEvent[] {
  return readRows(runPaths(folder).events);
}

/** Appends a line in one call, so that a reader sees all of it or knows by the missing line feed that it does not. */
export function appendRow(path: string, row: object): void {
  appendFileSync(path, `${JSON.stringify(row)}\n`);
}

/** Numbers as JSON can hold them: those that it lacks as the texts "NaN", "Infinity", "-Infinity". */
export function plainNumbers(metrics: Metrics): Record<string, number | string> {
  return mapValues(metrics, (value) => (Number.isFinite(value) ? value : `${value}`));
}

/** Cuts a file before the first line that is incomplete, no JSON, or of a step after the given one. */
export function truncateRows(path: string, lastStep = Number.POSITIVE_INFINITY): void {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  let end = 0;
  for (let newline = bytes.indexOf(10); newline >= 0; newline = bytes.indexOf(10, end)) {
    const step = stepOf(bytes.toString("utf8", end, newline));
    if (step === undefined || step > lastStep) break;
    end = newline + 1;
  }
  if (end < bytes.length) truncateSync(path, end);
}

function readRows<Line extends Row>(path: string): Line[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

function stepOf(line: string): number | undefined {
  try {
    return Number(JSON.parse(line).step);
  } catch {
    return undefined;
  }
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, f: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}
