import { isObject } from "../shared/json.ts";
import { type Growable, growable } from "./growable.ts";

/** The points of one metric: the rows that have it, and its values there; equal lengths. */
export interface Series {
  readonly rows: Growable;
  readonly values: Growable;
}

/** The rows of a `metrics.jsonl`, by column. */
export interface MetricTable {
  /** Step of each row. */
  readonly steps: Growable;
  /** Seconds of training until each row: what the clock says between rows, without gaps where the run was resumed. */
  readonly seconds: Growable;
  readonly series: ReadonlyMap<string, Series>;
  readonly bytes: number;
  /** Sentences about lines that could not be used, and about the clock. */
  readonly problems: readonly string[];
  /** Adds a line without its newline. */
  add(line: string): void;
}

/** More metrics than this are no metrics but a mistake in their names. */
const mostMetrics = 20_000;
/**
 * A step between rows that is both is no training but a clock that was set, or a machine that slept. Before the second row there is no mean: a first step
 * of so many seconds counts for nothing until the next one tells whether steps take that long.
 */
const clockJump = { seconds: 3600, timesTheMean: 50 };

/**
 * An empty table.
 *
 * @param resumed when the run went on after a stop, in seconds since 1970: the pause before is no training
 */
export function metricTable(resumed: readonly number[] = []): MetricTable {
  const steps = growable();
  const seconds = growable();
  const series = new Map<string, Series>();
  const damaged = { count: 0, first: 0 };
  const falling = { count: 0, first: 0 };
  const jumps = { back: 0, ahead: 0 };
  let lines = 0;
  let clock: number | undefined;
  let doubtful: number | undefined;
  let dropped = false;

  const elapsed = (time: number): number => {
    const before = clock;
    clock = time;
    if (before === undefined) return 0;
    const gap = time - before;
    if (gap < 0) {
      jumps.back += 1;
      return 0;
    }
    if (resumed.some((at) => at > before && at <= time)) return 0;
    const rows = seconds.length;
    if (rows === 1) {
      if (gap <= clockJump.seconds) return gap;
      doubtful = gap;
      jumps.ahead += 1;
      return 0;
    }
    if (doubtful !== undefined) settle(doubtful, gap);
    const mean = seconds.values[rows - 1]! / (rows - 1);
    if (gap > clockJump.seconds && gap > clockJump.timesTheMean * mean) {
      jumps.ahead += 1;
      return mean;
    }
    return gap;
  };

  /** Counts the first step, by the one after it: as it is, or as a jump. */
  const settle = (first: number, next: number) => {
    const isJump = first > clockJump.timesTheMean * next;
    for (let row = 1; row < seconds.length; row++) seconds.values[row]! += isJump ? next : first;
    if (!isJump) jumps.ahead -= 1;
    doubtful = undefined;
  };

  const push = (name: string, row: number, value: number) => {
    let column = series.get(name);
    if (column === undefined) {
      if (series.size >= mostMetrics) {
        dropped = true;
        return;
      }
      column = { rows: growable(), values: growable() };
      series.set(name, column);
    }
    column.rows.push(row);
    column.values.push(value);
  };

  return {
    steps,
    seconds,
    series,
    get bytes() {
      let bytes = steps.bytes + seconds.bytes;
      for (const { rows, values } of series.values()) bytes += rows.bytes + values.bytes;
      return bytes;
    },
    get problems() {
      return [
        ...(damaged.count > 0 ? [`metrics.jsonl: ${lineCount(damaged)} no row of metrics and left out`] : []),
        ...(falling.count > 0 ? [`metrics.jsonl: the step falls ${timesFrom(falling)}`] : []),
        ...(jumps.back > 0 ? [`the clock went back ${times(jumps.back)}; no time is counted there`] : []),
        ...(jumps.ahead > 0 ? [`the clock jumped ahead ${times(jumps.ahead)}; a mean step is counted there`] : []),
        ...(dropped ? [`metrics.jsonl: metrics beyond the first ${mostMetrics} names are left out`] : []),
      ];
    },
    add(line) {
      lines += 1;
      if (line === "") return;
      const row = parseRow(line);
      if (row === undefined) {
        damaged.count += 1;
        damaged.first ||= lines;
        return;
      }
      const { step, time, ...metrics } = row;
      const at = steps.length;
      if (at > 0 && (step as number) < steps.values[at - 1]!) {
        falling.count += 1;
        falling.first ||= lines;
      }
      const passed = typeof time === "number" && Number.isFinite(time) ? elapsed(time) : 0;
      seconds.push((at > 0 ? seconds.values[at - 1]! : 0) + passed);
      steps.push(step as number);
      for (const name in metrics) {
        const value = toNumber(metrics[name]);
        if (value !== undefined) push(name, at, value);
      }
    },
  };
}

function parseRow(line: string) {
  try {
    const row: unknown = JSON.parse(line);
    return isObject(row) && typeof row.step === "number" && Number.isFinite(row.step) ? row : undefined;
  } catch {
    return undefined;
  }
}

/** A metric's number, undefined where it is none; NaN and infinities are written as text because JSON lacks them. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return value === "NaN" || value === "Infinity" || value === "-Infinity" ? Number(value) : undefined;
}

const times = (count: number) => (count === 1 ? "once" : `${count} times`);
const timesFrom = ({ count, first }: { count: number; first: number }) =>
  count === 1 ? `at line ${first}` : `${count} times, first at line ${first}`;
const lineCount = ({ count, first }: { count: number; first: number }) =>
  count === 1 ? `line ${first} is` : `${count} lines, the first of them ${first}, are`;
