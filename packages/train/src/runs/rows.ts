import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { writing } from "../file-errors.ts";
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

/**
 * Rows of `metrics.jsonl` in order; a line that is still being written is left out.
 *
 * @throws Error naming a line that is damaged.
 */
export function readMetrics(folder: string): MetricRow[] {
  return readRows<Row & Record<string, unknown>>(runPaths(folder).metrics).map(({ step, time, ...metrics }) => ({
    ...{ step, time },
    metrics: mapValues(metrics, Number),
  }));
}

/**
 * Lines of `events.jsonl` in order; a line that is still being written is left out.
 *
 * @throws Error naming a line that is damaged.
 */
export function readEvents(folder: string): RunEvent[] {
  return readRows(runPaths(folder).events);
}

/**
 * Appends a line in one call, so that a reader sees all of it or knows by the missing line feed that it does not.
 *
 * @throws Error naming the file, and why it cannot be written.
 */
export function appendRow(path: string, row: object): void {
  writing(path, () => appendFileSync(path, `${JSON.stringify(row)}\n`));
}

/** Numbers as JSON can hold them: those that it lacks as the texts "NaN", "Infinity", "-Infinity". */
export function plainNumbers(metrics: Metrics): Record<string, number | string> {
  return mapValues(metrics, (value) => (Number.isFinite(value) ? value : `${value}`));
}

/**
 * Cuts a file before the first line that is incomplete, or of a step after the given one. A complete line that is no JSON stays where it
 * is, because what follows it is whole. Returns the numbers of such lines, from 1.
 */
export function truncateRows(path: string, lastStep = Number.POSITIVE_INFINITY): number[] {
  if (!existsSync(path)) return [];
  const bytes = readFileSync(path);
  const damaged: number[] = [];
  let end = 0;
  for (let line = 1, newline = bytes.indexOf(10); newline >= 0; line++, newline = bytes.indexOf(10, end)) {
    const step = stepOf(bytes.toString("utf8", end, newline));
    if (step === undefined) damaged.push(line);
    else if (step > lastStep) break;
    end = newline + 1;
  }
  if (end < bytes.length) truncateSync(path, end);
  return damaged;
}

function readRows<Line extends Row>(path: string): Line[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line, index) => {
    try {
      return JSON.parse(line);
    } catch (error) {
      const reason = (error as Error).message;
      const advice = `remove that line (sed -i ${index + 1}d FILE), and only its own values are lost`;
      throw new Error(`${path} is damaged in line ${index + 1}: ${reason}; ${advice}`, { cause: error });
    }
  });
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
