import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { EvaluationFile, MediaFile, RunDetail, RunEvent } from "../shared/api.ts";
import { finite, isObject, text } from "../shared/json.ts";
import { readText, reasonOf } from "./inside.ts";
import type { RunMetrics } from "./metric-store.ts";
import type { KnownRun } from "./summarize.ts";

/** Pictures that a browser shows, with their types. */
export const imageTypes: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".webp": "image/webp",
  ".gif": "image/gif",
  ".svg": "image/svg+xml",
};

const mostFiles = 20_000;
const mostEvents = 2000;
const largestText = 64 << 20;

/** Everything about one run but its metrics' values. Parts that are missing or damaged are said in `problems`. */
export async function runDetail({ found, summary }: KnownRun, metrics: RunMetrics): Promise<RunDetail> {
  const { id, folder } = found;
  const problems = [...summary.problems, ...metrics.problems];
  const [info, files, events] = await Promise.all([readInfo(folder), runFiles(folder), readEvents(folder)]);
  const evaluations = files.filter((path) => /^evals\/[^/]+\.json$/.test(path)).map(evaluationFile);
  const media = files.filter((path) => extensionOf(path) in imageTypes).map(mediaFile);
  return {
    id,
    info,
    evaluations: evaluations.sort((a, b) => a.name.localeCompare(b.name) || a.step - b.step),
    media: media.sort((a, b) => a.name.localeCompare(b.name) || (a.step ?? 0) - (b.step ?? 0)),
    events: events.rows,
    metricNames: Array.from(metrics.table.series.keys()).sort(),
    problems: [...new Set([...problems, ...events.problems])],
  };
}

/** An evaluation of a run as its file has it. @throws Error when the file is missing, damaged, or no evaluation's */
export async function readEvaluation(folder: string, path: string): Promise<unknown> {
  if (!/^evals\/[^/]+\.json$/.test(path))
    throw new Error(`"${path}" is no file of evaluations; they are evals/NAME-STEP.json`);
  try {
    return JSON.parse(await readText(join(folder, path), largestText));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${reasonOf(error)}`);
  }
}

/** The extension of a path, in lower case and with its dot. */
export const extensionOf = (path: string) => /\.[a-z0-9]+$/.exec(path.toLowerCase())?.[0] ?? "";

async function readInfo(folder: string): Promise<unknown> {
  try {
    return JSON.parse(await readText(join(folder, "run.json"), largestText));
  } catch {
    return null;
  }
}

/** Files under `evals/` and `media/`, as paths below the run's folder; links are passed over, also in place of those two. */
async function runFiles(folder: string): Promise<string[]> {
  const paths: string[] = [];
  const visit = async (below: string, depth: number): Promise<void> => {
    const entries: Dirent[] = await readdir(join(folder, below), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (paths.length >= mostFiles) return;
      const path = `${below}/${entry.name}`;
      if (entry.isFile()) paths.push(path);
      else if (entry.isDirectory() && depth < 4) await visit(path, depth + 1);
    }
  };
  for (const name of ["evals", "media"]) if (await isFolder(join(folder, name))) await visit(name, 0);
  return paths;
}

/** Whether there is a folder of that name: a symbolic link to one is none. */
const isFolder = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** `evals/validation-00000500.json` is the evaluation `validation` at step 500. */
function evaluationFile(path: string): EvaluationFile {
  const { name, step } = nameAndStep(path.replace(/^evals\//, ""));
  return { path, name, step: step ?? 0 };
}

function mediaFile(path: string): MediaFile {
  const { name, step } = nameAndStep(path.replace(/^(media|evals)\//, ""));
  return { path, name, step };
}

function nameAndStep(file: string): { name: string; step: number | null } {
  const stem = file.replace(/\.[^./]+$/, "");
  const match = /^(.*?)[-/](?:step-)?(\d{4,})(?=$|[-/])(.*)$/.exec(stem);
  if (match === null) return { name: stem, step: null };
  const [, before, step, after] = match as unknown as [string, string, string, string];
  return { name: `${before}${after}`, step: Number(step) };
}

/** The last events of a run; its first line may be old, its last one half-written. */
async function readEvents(folder: string): Promise<{ rows: RunEvent[]; problems: string[] }> {
  let content: string;
  try {
    content = await readText(join(folder, "events.jsonl"), largestText);
  } catch (error) {
    const isAbsent = (error as { code?: string }).code === "ENOENT";
    return { rows: [], problems: isAbsent ? [] : [`events.jsonl cannot be read: ${reasonOf(error)}`] };
  }
  let damaged = 0;
  const rows = content
    .split("\n")
    .slice(0, -1)
    .slice(-mostEvents)
    .flatMap((line): RunEvent[] => {
      try {
        const row: unknown = JSON.parse(line);
        if (!isObject(row)) throw new Error("no object");
        return [{ time: finite(row.time), step: finite(row.step), kind: text(row.kind), text: text(row.text) }];
      } catch {
        damaged += 1;
        return [];
      }
    });
  return { rows, problems: damaged > 0 ? [`events.jsonl: ${damaged} lines are no events and left out`] : [] };
}
