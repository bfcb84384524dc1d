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

/** Is told of a line that is damaged, in words that name it. */
export type OnDamage = (problem: string) => void;

/**
 * Rows of `metrics.jsonl` in order; a line that is still being written is left out.
 *
 * @param onDamage is told of damaged lines, which are passed over
 * @throws Error naming a line that is damaged, where nobody is told of it.
 */
export function readMetrics(folder: string, onDamage?: OnDamage): MetricRow[] {
  const rows = readRows<Row & Record<string, unknown>>(runPaths(folder).metrics, onDamage);
  return rows.map(({ step, time, ...metrics }) => ({ ...{ step, time }, metrics: mapValues(metrics, Number) }));
}

/** Lines of `events.jsonl`, as {@link readMetrics} reads those of `metrics.jsonl`. */
export function readEvents(folder: string, onDamage?: OnDamage): RunEvent[] {
  return readRows(runPaths(folder).events, onDamage);
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

function readRows<Line extends Row>(path: string, onDamage?: OnDamage): Line[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.flatMap((line, index) => {
    try {
      return [parseRow<Line>(line)];
    } catch (error) {
      const problem = `${path} is damaged in line ${index + 1}: ${(error as Error).message}`;
      const advice = `remove that line (sed -i ${index + 1}d FILE), and only its own values are lost`;
      if (onDamage === undefined) throw new Error(`${problem}; ${advice}`, { cause: error });
      onDamage(problem);
      return [];
    }
  });
}

/** @throws Error for what is not JSON, or no row. */
function parseRow<Line extends Row>(line: string): Line {
  const row = JSON.parse(line);
  if (typeof row?.step === "number" && typeof row.time === "number") return row;
  throw new Error("it has no step and time");
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
