import type { RunSummary, Scalar } from "../../shared/api.ts";

/** A column of the run table: a fact of the record, `config.KEY`, or `metric.NAME`. */
export type Column = string;

const facts: Readonly<Record<string, (run: RunSummary) => Scalar>> = {
  name: ({ name }) => name,
  group: ({ group }) => group,
  status: ({ status }) => status,
  progress: ({ step, steps }) => (steps > 0 ? step / steps : null),
  step: ({ step }) => step,
  steps: ({ steps }) => steps,
  started: ({ started }) => started,
  updated: ({ updated }) => updated,
  duration: ({ started, updated }) =>
    started === null || updated === null ? null : Math.max(0, updated - started) / 1000,
  seed: ({ seed }) => seed,
  star: ({ star }) => star,
  note: ({ note }) => note,
};

/** A run's value in a column; undefined where it has none. */
export function cell(run: RunSummary, column: Column): Scalar | undefined {
  const fact = own(facts, column);
  if (fact !== undefined) return fact(run);
  if (column.startsWith("config.")) return own(run.config, column.slice(7));
  if (column.startsWith("metric.")) return own(run.metrics, column.slice(7));
  return undefined;
}

/** What an object has under a name that anyone may have typed: every object inherits `__proto__` and `toString`. */
const own = <T>(object: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** What a column is called. */
export function columnTitle(column: Column): string {
  return column.replace(/^(config|metric)\./, "");
}

/** Columns that runs have, the configuration's keys only where they differ between runs unless all are wanted. */
export function columnsOf(runs: Iterable<RunSummary>, { all = false } = {}) {
  const values = new Map<string, Set<Scalar>>();
  const counts = new Map<string, number>();
  const metrics = new Map<string, number>();
  let total = 0;
  for (const { config, metrics: last } of runs) {
    total += 1;
    for (const [key, value] of Object.entries(config)) {
      const seen = values.get(key) ?? new Set();
      if (seen.size < 2) values.set(key, seen.add(value));
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const name of Object.keys(last)) metrics.set(name, (metrics.get(name) ?? 0) + 1);
  }
  const config = Array.from(values.keys()).filter(
    (key) => all || values.get(key)!.size > 1 || counts.get(key) !== total,
  );
  return {
    facts: Object.keys(facts),
    config: config.map((key) => `config.${key}`),
    metrics: Array.from(metrics.keys(), (name) => `metric.${name}`).sort(),
  };
}

/**
 * The columns of a table that nobody arranged: evaluations' metrics that most runs have, then what the configurations differ in. Names
 * of runs and derived facts are left to the table itself.
 */
export function usualColumns(runs: readonly RunSummary[]): Column[] {
  const { config, metrics } = columnsOf(runs);
  const share = (column: Column) => runs.filter((run) => cell(run, column) !== undefined).length / (runs.length || 1);
  const isLoss = /\/(loss|top1)$/;
  const best = metrics.filter((column) => isLoss.test(column) && share(column) >= 0.1);
  const ranked = best.sort((a, b) => share(b) - share(a)).slice(0, 4);
  const differing = config.filter((column) => !/(^config\.name|[.]seed)$/.test(column) && share(column) >= 0.3);
  // What was varied on purpose takes many values.
  const variety = (column: Column) => new Set(runs.map((run) => cell(run, column))).size;
  return [...ranked, ...differing.sort((a, b) => variety(b) - variety(a)).slice(0, 4)];
}

/** Order of two values: numbers before text, text as people sort it, nothing last. */
export function compareCells(a: Scalar | undefined, b: Scalar | undefined): number {
  const rank = (value: Scalar | undefined) =>
    value === undefined || value === null || value === "" ? 2 : typeof value === "string" ? 1 : 0;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (typeof a === "string" && typeof b === "string") return a.localeCompare(b, "en", { numeric: true });
  return Number(a ?? 0) - Number(b ?? 0);
}

/** Runs in the order of a column (`-` before it descends); those without a value stay last either way. */
export function sortRuns(runs: readonly RunSummary[], sort: string): RunSummary[] {
  const isDown = sort.startsWith("-");
  const column = isDown ? sort.slice(1) : sort;
  const isMissing = (value: Scalar | undefined) => value === undefined || value === null || value === "";
  return [...runs].sort((a, b) => {
    const [left, right] = [cell(a, column), cell(b, column)];
    if (isMissing(left) !== isMissing(right)) return isMissing(left) ? 1 : -1;
    return (isDown ? -1 : 1) * compareCells(left, right) || a.id.localeCompare(b.id, "en", { numeric: true });
  });
}

/** Which way a metric is better, where its name tells. */
export function betterDirection(name: string): "less" | "more" | undefined {
  if (/\/(loss|nll|ece|error)$/.test(name)) return "less";
  if (/\/(top1|top5|accuracy|auroc|mfu|images-per-second)$/.test(name)) return "more";
  return undefined;
}
