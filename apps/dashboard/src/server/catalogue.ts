import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { RunChanges, RunList, RunSummary } from "../shared/api.ts";
import type { Annotations } from "./annotations.ts";
import { eachOf, type FoundReport, scan } from "./scan.ts";
import { aged, type KnownRun, summarize } from "./summarize.ts";

/** The runs of a folder, kept up to date by looking again. */
export interface Catalogue {
  list(): RunList;
  find(id: string): KnownRun | undefined;
  all(): readonly KnownRun[];
  /** Reports of the benchmark: paths below the folder. */
  readonly reports: readonly string[];
  /** Looks through the folder; reads the records of those runs only whose files changed. */
  refresh(): Promise<void>;
  /** Sends the same run again, after its star or note changed. */
  touch(id: string): void;
  /** Hears of changes from now on. @returns what ends it */
  subscribe(listener: (changes: RunChanges) => void): () => void;
}

/** @param folder as the user named it; it may vanish and come back */
export function catalogue(folder: string, annotations: Annotations): Catalogue {
  let known = new Map<string, KnownRun>();
  let reports: readonly FoundReport[] = [];
  let problems: readonly string[] = [];
  let refreshing: Promise<void> | undefined;
  const listeners = new Set<(changes: RunChanges) => void>();

  const complete = ({ summary }: KnownRun): RunSummary => ({ ...summary, ...annotations.of(summary.id) });
  const allProblems = () => [...problems, ...annotations.problems];
  const tell = (changes: RunChanges) => {
    for (const listener of listeners) listener(changes);
  };

  const look = async () => {
    const now = Date.now();
    const found = await scan(folder);
    await annotations.refresh();
    const next = new Map<string, KnownRun>();
    const changed: RunSummary[] = [];
    await eachOf(found.runs, 32, async (run) => {
      const before = known.get(run.id);
      const after = before?.found.stamp === run.stamp ? aged(before, now) : await summarize(run, now);
      next.set(run.id, after);
      if (after !== before) changed.push(complete(after));
    });
    const gone = Array.from(known.keys()).filter((id) => !next.has(id));
    const isOther = found.problems.join() !== problems.join();
    const areReportsOther = JSON.stringify(found.reports) !== JSON.stringify(reports);
    known = next;
    reports = found.reports;
    problems = found.problems;
    if (changed.length > 0 || gone.length > 0 || isOther || areReportsOther) {
      tell({ changed, gone, problems: allProblems(), areReportsOther });
    }
  };

  return {
    get reports() {
      return reports.map(({ path }) => path);
    },
    list: () => ({
      folder: basename(resolve(folder)),
      runs: Array.from(known.values(), complete),
      problems: allProblems(),
    }),
    find: (id) => known.get(id),
    all: () => Array.from(known.values()),
    refresh() {
      refreshing ??= look().finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
    touch(id) {
      const run = known.get(id);
      if (run !== undefined)
        tell({ changed: [complete(run)], gone: [], problems: allProblems(), areReportsOther: false });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** @throws Error when there is no folder of that name */
export async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new Error(`there is no folder "${folder}"; give the one that holds run folders`);
}
