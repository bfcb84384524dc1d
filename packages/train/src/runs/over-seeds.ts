import { lastEvaluations } from "./evaluations.ts";
import { type Metrics, type RunInfo, runPaths } from "./info.ts";
import type { ListedRun } from "./list.ts";
import { readMetrics } from "./rows.ts";

/** Runs of one folder and configuration, which differ by nothing but their seeds. */
export interface SeedGroup {
  /** Path of the first run, without its seed: `optimizer/adamw` of `optimizer/adamw-seed=0`. */
  readonly path: string;
  readonly seeds: readonly number[];
  /** The last value of every metric that all of them have, by name; in the order of the seeds. */
  readonly metrics: Readonly<Record<string, readonly number[]>>;
}

/** Gathers the finished runs of a list by what they have in common, in the order of their paths. */
export function groupSeeds(runs: readonly ListedRun[]): SeedGroup[] {
  const groups = new Map<string, FinishedRun[]>();
  for (const run of runs.filter(isFinished)) {
    const { seed, name, ...shared } = run.info.config as Record<string, unknown>;
    // Runs that begin with others name the seeds of those.
    const key = JSON.stringify([withoutSeed(run.path), shared]).replace(/seed=\d+/g, "seed");
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const gathered = [...groups.values()].map((members) => {
    const sorted = members.sort((a, b) => a.info.seed - b.info.seed);
    const each = sorted.map(({ folder }) => lastMetrics(folder));
    const names = Object.keys(each[0]!).filter((name) => each.every((metrics) => name in metrics));
    return {
      path: withoutSeed(sorted[0]!.path),
      seeds: sorted.map(({ info }) => info.seed),
      metrics: Object.fromEntries(names.map((name) => [name, each.map((metrics) => metrics[name]!)])),
    };
  });
  return gathered.sort((a, b) => comparePaths(a.path, b.path) || a.seeds[0]! - b.seeds[0]!);
}

/** A number as names have it, `0.02`, `1e-7`, `=-3`; a hyphen elsewhere parts the settings of a run. */
const numberInPath = /((?:(?<==)-)?\d+(?:\.\d+)?(?:e[-+]?\d+)?)/;

/** By letters, but numbers by their values: those of a locale take the digits behind a point for a number of their own. */
function comparePaths(a: string, b: string): number {
  const [left, right] = [a, b].map((path) => path.split(numberInPath)) as [string[], string[]];
  for (const [part, text] of left.entries()) {
    const other = right[part];
    if (other === undefined) return 1;
    // Numbers stand at odd places.
    const order = part % 2 === 1 ? Number(text) - Number(other) : text.localeCompare(other, "en");
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

type FinishedRun = ListedRun & { readonly info: RunInfo };

function isFinished(run: ListedRun): run is FinishedRun {
  return run.status === "finished" && run.info !== undefined;
}

/** `pooling/map-seed=0` without its end; a run that is called `seed=0` by the folder that it is in. */
function withoutSeed(path: string): string {
  return path.replace(/(?:^|[-/])seed=\d+$/, "") || ".";
}

/** The last value of each metric of the training, its evaluations, and suites that were run on its weights. */
function lastMetrics(folder: string): Metrics {
  const rows = readMetrics(folder).map(({ metrics }) => metrics);
  return Object.assign({}, ...rows, lastEvaluations(runPaths(folder).evaluations));
}
