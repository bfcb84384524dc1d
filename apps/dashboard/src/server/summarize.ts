import { lstat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import type { RunStatus, RunSummary } from "../shared/api.ts";
import { flatten } from "../shared/flatten.ts";
import { finite, isObject, type JsonObject, list, text } from "../shared/json.ts";
import { type StepCost, stepCost } from "./curves/axis.ts";
import { openRegular, readText, reasonOf } from "./inside.ts";
import { toNumber } from "./metric-table.ts";
import type { FoundRun } from "./scan.ts";

/** What is kept of a run between looks at its folder. */
export interface KnownRun {
  readonly found: FoundRun;
  readonly summary: Omit<RunSummary, "star" | "note">;
  readonly cost: StepCost;
  /** When it went on after a stop, in seconds since 1970. */
  readonly resumed: readonly number[];
}

/** `run.json` holds a configuration and a summary; more is no run record. */
const largestInfo = 8 << 20;
/** A live process rewrites `run.json` every 30 seconds (docs/run-records.md). */
const silence = 2 * 60_000;
const tailBytes = 16 << 10;

/** Reads `run.json` and the last rows of metrics. It never fails: what cannot be read is said in `problems`. */
export async function summarize(found: FoundRun, now: number): Promise<KnownRun> {
  const { id, folder } = found;
  const parent = id.split("/").slice(0, -1).join("/");
  try {
    const info: unknown = JSON.parse(await readText(join(folder, "run.json"), largestInfo));
    if (!isObject(info)) throw new Error("it holds no object");
    if (typeof info.schema === "number" && info.schema > 1) {
      throw new Error(`it has schema ${info.schema} and this version reads schema 1; update the dashboard`);
    }
    const last = await lastMetrics(join(folder, "metrics.jsonl"));
    const updated = latest(instant(info.updated), last.time) ?? (await modified(folder));
    const summary = {
      id,
      name: text(info.name) || basename(resolve(folder)),
      group: text(info.group) || parent,
      status: statusOf(info, updated, now),
      step: Math.max(finite(info.step) ?? 0, last.step),
      steps: finite(info.steps) ?? 0,
      started: instant(info.started),
      updated,
      seed: finite(info.seed),
      config: flatten(info.config ?? {}),
      metrics: { ...last.metrics, ...numbers(info.summary) },
      problems: [...fieldProblems(info), ...last.problems, ...clockProblems(info, now)],
    };
    return { found, summary, cost: stepCost(info), resumed: resumes(info) };
  } catch (error) {
    const unknown = { step: 0, steps: 0, started: null, seed: null, config: {}, metrics: {} };
    const name = basename(resolve(folder));
    const status: RunStatus = "unreadable";
    const problems = [`run.json cannot be read: ${reasonOf(error)}`];
    const updated = await modified(folder);
    const summary = { id, name, group: parent, status, updated, problems, ...unknown };
    return { found, summary, cost: { examples: null, flops: null }, resumed: [] };
  }
}

/** When the record was last written, by the file system. */
const modified = (folder: string): Promise<number | null> =>
  lstat(join(folder, "run.json")).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );

/** What of a record is not what docs/run-records.md says, where something else is then shown in its place. */
function fieldProblems(info: JsonObject): string[] {
  const isKnown = ["running", "finished", "interrupted", "failed"].some((status) => status === info.status);
  return [
    ...(isKnown
      ? []
      : ["run.json has no status that this version knows; it is taken for running until it falls silent"]),
    ...(instant(info.updated) === null
      ? ["run.json does not say when it was updated; the time of its file is taken"]
      : []),
    ...(isObject(info.config) ? [] : ["run.json has no configuration"]),
  ];
}

/** The status that a run has at a time: a silent one was killed. */
function statusOf(info: JsonObject, updated: number | null, now: number): RunStatus {
  const { status } = info;
  if (status === "finished" || status === "interrupted" || status === "failed") return status;
  return updated !== null && now - updated > silence ? "killed" : "running";
}

/** The same run some time later, though its files did not change: a run that stays silent becomes a killed one. */
export function aged(known: KnownRun, now: number): KnownRun {
  const { status, updated } = known.summary;
  if (status !== "running" || updated === null || now - updated <= silence) return known;
  return { ...known, summary: { ...known.summary, status: "killed" } };
}

/** The last value of every metric in the last few kilobytes: enough for a list, and independent of the file's length. */
async function lastMetrics(path: string) {
  const metrics: Record<string, number | null> = {};
  let step = 0;
  let time: number | null = null;
  try {
    const file = await openRegular(path);
    try {
      const { size } = await file.stat();
      const start = Math.max(0, size - tailBytes);
      const buffer = Buffer.alloc(size - start);
      await file.read(buffer, 0, buffer.length, start);
      const lines = buffer
        .toString("utf8")
        .split("\n")
        .slice(start > 0 ? 1 : 0, -1);
      for (const line of lines) {
        const row = parse(line);
        if (row === undefined) continue;
        step = Math.max(step, finite(row.step) ?? 0);
        time = latest(time, finite(row.time) === null ? null : 1000 * (row.time as number));
        Object.assign(metrics, numbers(row));
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    const isAbsent = (error as { code?: string }).code === "ENOENT";
    return { metrics, step, time, problems: isAbsent ? [] : [`metrics.jsonl cannot be read: ${reasonOf(error)}`] };
  }
  return { metrics, step, time, problems: [] };
}

function parse(line: string): JsonObject | undefined {
  try {
    const row: unknown = JSON.parse(line);
    return isObject(row) ? row : undefined;
  } catch {
    return undefined;
  }
}

/** The numbers of an object whose names are metrics', `group/name`; null for one that is not finite, so that it hides no end of a run. */
function numbers(value: unknown): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(isObject(value) ? value : {}).flatMap(([name, entry]) => {
      const number = name.includes("/") ? toNumber(entry) : undefined;
      return number === undefined ? [] : [[name, finite(number)]];
    }),
  );
}

function resumes(info: JsonObject): number[] {
  return list(info.resumed).flatMap((entry) => {
    const at = isObject(entry) ? instant(entry.time) : null;
    return at === null ? [] : [at / 1000];
  });
}

function clockProblems(info: JsonObject, now: number): string[] {
  const [started, updated] = [instant(info.started), instant(info.updated)];
  const ahead = Math.max(started ?? 0, updated ?? 0) - now;
  return [
    ...(ahead > 60_000 ? ["its times lie in the future: this clock or the one of its machine is wrong"] : []),
    ...(started !== null && updated !== null && updated < started
      ? ["it was updated before it started: a clock was set"]
      : []),
  ];
}

const instant = (value: unknown): number | null => {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
};

const latest = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b));
