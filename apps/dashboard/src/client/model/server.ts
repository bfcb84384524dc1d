import { signal } from "@preact/signals";
import type {
  Annotation,
  CurvesAnswer,
  CurvesQuery,
  HeatAnswer,
  HeatQuery,
  ReportFile,
  RunChanges,
  RunDetail,
  RunList,
  RunSummary,
} from "../../shared/api.ts";

/** Every run of the folder by its id. */
export const runs = signal<ReadonlyMap<string, RunSummary>>(new Map());
/** Name of the served folder, and what is wrong with it. */
export const folder = signal<{ readonly name: string; readonly problems: readonly string[] }>({
  name: "",
  problems: [],
});
/** Whether changes arrive: before the first list, while they do, and after the server went away. */
export const connection = signal<"loading" | "live" | "lost">("loading");
/** Rises with every change of a run: what depends on its files asks again. */
export const versions = signal<ReadonlyMap<string, number>>(new Map());
/** Rises with every change of a report of the benchmark. */
export const reportsVersion = signal(0);
/** What went wrong last, for the person to see. */
export const failure = signal("");

/** Hears of runs and their changes until the page closes; reconnects by itself. */
export function followRuns(): void {
  const stream = new EventSource("/api/live");
  stream.addEventListener("list", (event) => {
    const { folder: name, runs: list, problems } = JSON.parse(event.data) as RunList;
    folder.value = { name, problems };
    runs.value = new Map(list.map((run) => [run.id, run]));
    bump(list.map(({ id }) => id));
    reportsVersion.value += 1;
    connection.value = "live";
  });
  stream.addEventListener("changes", (event) => {
    const { changed, gone, problems, areReportsOther } = JSON.parse(event.data) as RunChanges;
    const next = new Map(runs.value);
    for (const id of gone) next.delete(id);
    for (const run of changed) next.set(run.id, run);
    folder.value = { ...folder.value, problems };
    runs.value = next;
    bump(changed.map(({ id }) => id));
    if (areReportsOther) reportsVersion.value += 1;
  });
  stream.addEventListener("error", () => {
    connection.value = "lost";
  });
}

function bump(ids: readonly string[]): void {
  const next = new Map(versions.value);
  for (const id of ids) next.set(id, (next.get(id) ?? 0) + 1);
  versions.value = next;
}

async function ask<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(path, init);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `the server answered ${response.status}`);
  return answer as Answer;
}

const send = (method: string, body: unknown, signal?: AbortSignal): RequestInit => ({
  method,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
  ...(signal && { signal }),
});

const query = (parameters: Readonly<Record<string, string>>) => new URLSearchParams(parameters).toString();

/** Asks the server; each fails with a sentence that can be shown. */
export const server = {
  curves: (body: CurvesQuery, signal?: AbortSignal) => ask<CurvesAnswer>("/api/curves", send("POST", body, signal)),
  heat: (body: HeatQuery) => ask<HeatAnswer>("/api/heat", send("POST", body)),
  metricNames: (runs: readonly string[]) =>
    ask<readonly { readonly name: string; readonly runs: number }[]>("/api/metrics", send("POST", { runs })),
  detail: (run: string) => ask<RunDetail>(`/api/run?${query({ run })}`),
  evaluation: (run: string, path: string) => ask<unknown>(`/api/evaluation?${query({ run, path })}`),
  reports: () => ask<readonly ReportFile[]>("/api/reports"),
  report: (path: string) => ask<unknown>(`/api/report?${query({ path })}`),
};

/** Address of a picture of a run. */
export const pictureUrl = (run: string, path: string) => `/api/picture?${query({ run, path })}`;

/** Address of runs' metrics as CSV, at full resolution. */
export function csvUrl(runs: readonly string[], metrics: readonly string[]): string {
  const parameters = new URLSearchParams();
  for (const run of runs) parameters.append("run", run);
  for (const metric of metrics) parameters.append("metric", metric);
  return `/api/metrics.csv?${parameters}`;
}

/** Stars a run or writes a note; shown at once, and taken back where the server refuses. */
export async function annotate(run: RunSummary, change: Partial<Annotation>): Promise<void> {
  const next = { ...run, ...change };
  runs.value = new Map(runs.value).set(run.id, next);
  try {
    await ask("/api/annotation", send("PUT", { run: run.id, star: next.star, note: next.note }));
  } catch (error) {
    runs.value = new Map(runs.value).set(run.id, run);
    failure.value = (error as Error).message;
  }
}
