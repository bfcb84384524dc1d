import type { Dirent, Stats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { reasonOf } from "./inside.ts";

/** A run's folder with what its files looked like. */
export interface FoundRun {
  /** Path below the served folder, `/` between parts; `.` where that folder is a run itself. */
  readonly id: string;
  readonly folder: string;
  /** Changes whenever `run.json`, `metrics.jsonl` or `events.jsonl` does, and with the files that `evals/` and `media/` hold. */
  readonly stamp: string;
}

/** A report's file with what it looked like. */
export interface FoundReport {
  /** Path below the served folder. */
  readonly path: string;
  readonly stamp: string;
}

/** What lies below a folder. */
export interface Found {
  readonly runs: readonly FoundRun[];
  /** Files `reports/*.json`, by path. */
  readonly reports: readonly FoundReport[];
  readonly problems: readonly string[];
}

/** Runs lie no deeper; a folder of data that was served by mistake is not walked to its bottom. */
const deepest = 6;
const mostFolders = 20_000;

/**
 * Looks for runs at any depth: folders that hold `run.json`, also the root. Nothing inside a run is a run. Symbolic links are not followed, nor folders
 * whose name begins with a dot.
 */
export async function scan(root: string): Promise<Found> {
  const runs: FoundRun[] = [];
  const reports: FoundReport[] = [];
  const problems: string[] = [];
  let level = [""];
  let folders = 0;
  for (let depth = 0; depth <= deepest && level.length > 0; depth++) {
    const next: string[] = [];
    await eachOf(level, 32, async (id) => {
      folders += 1;
      if (folders > mostFolders) return;
      const folder = join(root, id);
      let entries: Dirent[];
      try {
        entries = await readdir(folder, { withFileTypes: true });
      } catch (error) {
        // A folder that vanished between its parent's listing and this one was never there.
        if ((error as { code?: string }).code !== "ENOENT" || id === "") {
          problems.push(`the folder ${id || "that is served"} cannot be read: ${reasonOf(error)}`);
        }
        return;
      }
      if (entries.some(({ name }) => name === "run.json")) {
        runs.push({ id: id || ".", folder, stamp: await stampOf(folder, ofRun) });
        return;
      }
      const isReports = id.split("/").at(-1) === "reports";
      for (const entry of entries) {
        const path = id === "" ? entry.name : `${id}/${entry.name}`;
        if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules") next.push(path);
        else if (isReports && entry.isFile() && entry.name.endsWith(".json")) {
          reports.push({ path, stamp: await stampOf(folder, [entry.name]) });
        }
      }
    });
    level = next;
  }
  if (folders > mostFolders) problems.push(`only the first ${mostFolders} folders were looked through for runs`);
  return { runs, reports: reports.sort((a, b) => (a.path < b.path ? -1 : 1)), problems };
}

/** What tells that something of a run changed; a folder's time is that of the last file that came, went, or was replaced. */
const ofRun = ["run.json", "metrics.jsonl", "events.jsonl", "evals", "media"];

async function stampOf(folder: string, names: readonly string[]): Promise<string> {
  const stats = await Promise.all(names.map((name) => stat(join(folder, name))));
  return stats.map((one) => (one === undefined ? "-" : `${one.ino}:${one.size}:${one.mtimeMs}`)).join(" ");
}

const stat = (path: string): Promise<Stats | undefined> => lstat(path).catch(() => undefined);

/** Runs a task for each element, so many at a time. */
export async function eachOf<T>(
  elements: readonly T[],
  width: number,
  task: (element: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < elements.length) await task(elements[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(width, elements.length) }, work));
}
