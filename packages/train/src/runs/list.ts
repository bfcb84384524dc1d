import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { hasRun, type RunInfo, type RunStatus, readRunInfo } from "./info.ts";
import { isRunLocked } from "./lock.ts";

/** As in `run.json`, but `killed` where that says `running` and no process works on it. */
export type CurrentStatus = RunStatus | "killed";

/** A run in a list of them. */
export interface ListedRun {
  readonly folder: string;
  /** Path of the folder from where the list begins: `sweep/seed=0`. */
  readonly path: string;
  readonly status: CurrentStatus | "unreadable";
  /** Undefined where `run.json` cannot be read. */
  readonly info?: RunInfo;
  /** Why it cannot be read. */
  readonly problem?: string;
}

/** A live process renews `run.json` every 30 seconds; one that has not for this long is taken for dead. */
const silenceMs = 120_000;

/** Folders this deep are looked into. */
const mostDepth = 6;

/**
 * The runs in a folder and the folders in it, last updated first. What lies inside of a run is not looked at.
 *
 * @throws the file system's error when the folder cannot be read.
 */
export function listRuns(root: string): ListedRun[] {
  const found = [...runFolders(root, mostDepth)].map((folder) => describeRun(folder, relative(root, folder) || "."));
  return found.sort((a, b) => (b.info?.updated ?? "").localeCompare(a.info?.updated ?? ""));
}

function* runFolders(folder: string, depth: number): Generator<string> {
  if (hasRun(folder)) return void (yield folder);
  if (depth === 0) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) yield* runFolders(join(folder, entry.name), depth - 1);
  }
}

function describeRun(folder: string, path: string): ListedRun {
  try {
    const info = readRunInfo(folder);
    return { folder, path, info, status: currentStatus(folder, info) };
  } catch (error) {
    return { folder, path, status: "unreadable", problem: (error as Error).message };
  }
}

/** How a run stands now. */
export function currentStatus(folder: string, info: RunInfo): CurrentStatus {
  return info.status === "running" && !isAlive(folder, info) ? "killed" : info.status;
}

function isAlive(folder: string, { updated }: RunInfo): boolean {
  return isRunLocked(folder) ?? Date.now() - Date.parse(updated) < silenceMs;
}
