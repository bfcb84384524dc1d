import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "./atomic-write.ts";
import type { Machine, SourceState } from "./machine.ts";

/**
 * What `run.json` holds: the state of a run at one glance. It is replaced as a whole, so a reader never sees half of it.
 * Fields may be added; `schema` rises when one changes its meaning.
 */
export interface RunInfo {
  readonly schema: 1;
  readonly name: string;
  /** `running` with an old `updated` time is a run that was killed. Only a finished run has nothing left to do. */
  readonly status: "running" | "finished" | "interrupted" | "failed";
  /** The configuration with every default filled in. */
  readonly config: unknown;
  readonly seed: number;
  readonly source: SourceState | null;
  readonly machine: Machine;
  /** The engine and why it was chosen. */
  readonly engine: { readonly name: string; readonly reason: string } | null;
  /** Steps finished when the record was last updated, and steps in all. */
  readonly step: number;
  readonly steps: number;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly updated: string;
  /** When the run went on, and from which step. */
  readonly resumed: readonly { readonly time: string; readonly step: number }[];
  /** The last values of evaluation metrics, by name. */
  readonly summary: Readonly<Record<string, number>>;
  /** Why it failed. */
  readonly error?: string;
}

/** Metric values by name; names are `group/name`, such as `train/loss`. */
export type Metrics = Readonly<Record<string, number>>;

/**
 * The folder of a run:
 *
 *     run.json         {@link RunInfo}
 *     metrics.jsonl    one line a row: {"step": 20, "time": 1700000000.25, "train/loss": 2.3}; time is in seconds since 1970.
 *                      Numbers that JSON lacks are the strings "NaN", "Infinity", "-Infinity".
 *     evals/           one file an evaluation, `validation-00000500.json`: {name, step, time, metrics}
 *     checkpoints/     see checkpoint.ts
 *
 * It can be read while it is written. A kill can at most leave half a line at the end of `metrics.jsonl`, which a resume removes.
 */
export interface RunRecord {
  readonly folder: string;
  readonly info: RunInfo;
  /** Replaces fields of `run.json`. */
  update(fields: Partial<Omit<RunInfo, "schema" | "started" | "updated">>): void;
  /** Appends a row of metrics. */
  log(step: number, metrics: Metrics): void;
  /** Writes an evaluation file, appends its metrics as a row under `name/…`, and puts them into the summary. */
  evaluation(name: string, step: number, metrics: Metrics): void;
}

/** Where the parts of a run are. */
export const runPaths = (folder: string) => ({
  info: join(folder, "run.json"),
  metrics: join(folder, "metrics.jsonl"),
  evaluations: join(folder, "evals"),
  checkpoints: join(folder, "checkpoints"),
});

/** Whether a folder holds the record of a run. */
export function hasRun(folder: string): boolean {
  return existsSync(runPaths(folder).info);
}

/** @throws Error when the folder already holds a run. */
export function requireFree(folder: string): void {
  if (!hasRun(folder)) return;
  const { status, step, steps } = readRunInfo(folder);
  throw new Error(
    `${folder} already holds a run (${status}, step ${step} of ${steps}); go on with it by --resume, or give another --out`,
  );
}

/**
 * Starts the record of a new run.
 *
 * @throws Error when the folder already holds one.
 */
export function createRun(
  folder: string,
  info: Omit<RunInfo, "schema" | "started" | "updated" | "resumed" | "summary">,
): RunRecord {
  const paths = runPaths(folder);
  requireFree(folder);
  mkdirSync(paths.evaluations, { recursive: true });
  mkdirSync(paths.checkpoints, { recursive: true });
  // Rows of a start that died before its run.json was written.
  rmSync(paths.metrics, { force: true });
  const now = new Date().toISOString();
  return openRecord(folder, { schema: 1, ...info, started: now, updated: now, resumed: [], summary: {} });
}

/**
 * Goes on with the record of a run from a step: whatever was recorded after that step is removed, because it will be done again.
 *
 * @param step finished steps of the checkpoint that the run resumes from
 */
export function resumeRun(folder: string, step: number, fields: Partial<RunInfo>): RunRecord {
  const info = readRunInfo(folder);
  const paths = runPaths(folder);
  truncateMetrics(paths.metrics, step);
  for (const file of readdirSync(paths.evaluations)) {
    if (evaluationStep(file) > step) rmSync(join(paths.evaluations, file));
  }
  const resumed = [...info.resumed, { time: new Date().toISOString(), step }];
  const { error: _, ...rest } = info;
  return openRecord(folder, { ...rest, ...fields, step, resumed, status: "running" });
}

/**
 * Reads `run.json`.
 *
 * @throws Error when there is none, it is not JSON, or its schema is of a newer version.
 */
export function readRunInfo(folder: string): RunInfo {
  const path = runPaths(folder).info;
  let info: RunInfo;
  try {
    info = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`${path} cannot be read as the record of a run: ${(error as Error).message}`);
  }
  if (info.schema !== 1) {
    throw new Error(`${path} has schema ${info.schema}; this version reads schema 1, so update vitscale`);
  }
  return info;
}

/** Rows of `metrics.jsonl` in order; a line that is still being written is left out. */
export function readMetrics(folder: string): { step: number; time: number; metrics: Metrics }[] {
  const path = runPaths(folder).metrics;
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => {
    const { step, time, ...metrics } = JSON.parse(line);
    return { step, time, metrics: mapValues(metrics, Number) };
  });
}

function openRecord(folder: string, initial: RunInfo): RunRecord {
  const paths = runPaths(folder);
  let info = initial;
  const write = () => writeAtomically(paths.info, `${JSON.stringify(info, null, 2)}\n`);

  const log = (step: number, metrics: Metrics) => {
    for (const name of Object.keys(metrics)) checkName(name);
    const row = {
      step,
      time: Date.now() / 1000,
      ...mapValues(metrics, (value) => (Number.isFinite(value) ? value : `${value}`)),
    };
    // One call appends the whole line.
    appendFileSync(paths.metrics, `${JSON.stringify(row)}\n`);
  };

  const record: RunRecord = {
    folder,
    get info() {
      return info;
    },
    update(fields) {
      info = { ...info, ...fields, updated: new Date().toISOString() };
      write();
    },
    log,
    evaluation(name, step, metrics) {
      const named = Object.fromEntries(Object.entries(metrics).map(([key, value]) => [`${name}/${key}`, value]));
      const file = join(paths.evaluations, `${name}-${String(step).padStart(8, "0")}.json`);
      writeAtomically(file, `${JSON.stringify({ name, step, time: Date.now() / 1000, metrics }, null, 2)}\n`);
      log(step, named);
      record.update({ step, summary: { ...info.summary, ...named } });
    },
  };
  write();
  return record;
}

/** Cuts the file before the first line that is incomplete, no JSON, or of a later step. */
function truncateMetrics(path: string, step: number): void {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  let end = 0;
  for (let newline = bytes.indexOf(10); newline >= 0; newline = bytes.indexOf(10, end)) {
    if (rowStep(bytes.toString("utf8", end, newline)) > step) break;
    end = newline + 1;
  }
  truncateSync(path, end);
}

function rowStep(line: string): number {
  try {
    return Number(JSON.parse(line).step);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function evaluationStep(file: string): number {
  return Number(/-(\d+)\.json$/.exec(file)?.[1] ?? 0);
}

function checkName(name: string): void {
  if (!/^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)+$/.test(name)) {
    throw new RangeError(
      `"${name}" is not a name for a metric; names are group/name in lower case, such as train/loss or optim/grad-norm`,
    );
  }
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, f: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}
