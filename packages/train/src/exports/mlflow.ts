import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { type RunInfo, readRunInfo } from "../runs/info.ts";
import { type CurrentStatus, currentStatus } from "../runs/list.ts";
import { type MetricRow, type OnDamage, plainNumbers, readMetrics } from "../runs/rows.ts";
import { flatten } from "./flatten.ts";
import { createMlflowClient, type MlflowClient, MlflowError } from "./mlflow-client.ts";

/** Options of {@link exportToMlflow}. */
export interface MlflowOptions {
  /** The tracking server, such as `http://localhost:5000`. */
  readonly url: string;
  /** The run's group, or `vitscale`, by default. It is made where it is not there. */
  readonly experiment?: string;
  /** Is told of rows that are damaged, which are passed over; without it they are errors. */
  readonly onDamage?: OnDamage;
}

/** Limits of MLflow's `log-batch`, 1000 metrics, parameters and tags together, and of its values. */
const mostMetrics = 999;
const mostParams = 100;
const longestParam = 500;

/** Tags by which an export is found again and goes on: the run, and the rows that it has, as {@link markOf} marks them. */
const runTag = "vitscale.run";
const rowsTag = "vitscale.rows";
/** On an export that another one has taken the place of: which. */
const supersededTag = "vitscale.superseded-by";

const statuses: Record<CurrentStatus, string> = {
  running: "RUNNING",
  finished: "FINISHED",
  interrupted: "KILLED",
  killed: "KILLED",
  failed: "FAILED",
};

/**
 * Brings a run to an MLflow server by its REST API: the configuration as parameters (`model.width`), every metric with step and time, the
 * commit and machine as tags. Exported again, only rows that are new are sent, also where an export broke off.
 *
 * MLflow cannot take rows back. Where the run has gone back to a checkpoint since, and so has done steps again, it becomes another run there,
 * and the one before is marked by `vitscale.superseded-by` and ended: no step stands twice in one curve.
 *
 * @returns where to look at it, and how many rows were sent
 * @throws MlflowError with the server's words, or when it cannot be reached.
 */
export async function exportToMlflow(
  folder: string,
  { url, experiment, onDamage }: MlflowOptions,
): Promise<{ readonly link: string; readonly rows: number }> {
  const client = createMlflowClient(url);
  const info = readRunInfo(folder);
  const experimentId = await experimentNamed(client, experiment ?? info.group ?? "vitscale");
  const id = `${hostname()}:${resolve(folder)}@${info.started}`.replaceAll("'", "_");
  const rows = readMetrics(folder, onDamage);
  const earlier = await earlierExports(client, experimentId, id);
  const own = earlier.find(({ mark }) => mark === undefined || mark === markOf(rows, countIn(mark)));
  const runId = own?.runId ?? (await createRun(client, experimentId, info, id));
  if (own?.mark === undefined) await sendParams(client, runId, info);
  const sent = countIn(own?.mark);

  for (const { metrics, until } of batchesOf(rows, sent)) {
    // The mark goes with what it marks: wherever an export breaks off, the next one knows what is there.
    const tags = [{ key: rowsTag, value: markOf(rows, until) }];
    await client.post("runs/log-batch", { run_id: runId, metrics, tags });
  }
  const ended = { end_time: Date.parse(info.updated) };
  for (const { runId: other } of earlier.filter((one) => one !== own)) {
    await client.post("runs/set-tag", { run_id: other, key: supersededTag, value: runId });
    await client.post("runs/update", { run_id: other, status: "KILLED", ...ended });
  }
  const status = statuses[currentStatus(folder, info)];
  await client.post("runs/update", { run_id: runId, status, ...(status !== "RUNNING" && ended) });
  return { link: `${client.url}/#/experiments/${experimentId}/runs/${runId}`, rows: rows.length - sent };
}

/** The first rows of a run in a word: how many, and what they say. */
function markOf(rows: readonly MetricRow[], count: number): string {
  const digest = createHash("sha256")
    .update(JSON.stringify(rows.slice(0, count).map(plainRow)))
    .digest("hex");
  return `${count} ${digest.slice(0, 16)}`;
}

/** Rows that a mark is of; 0 without one. */
function countIn(mark = "0"): number {
  return Number.parseInt(mark, 10);
}

const plainRow = ({ metrics, ...row }: MetricRow) => ({ ...row, ...plainNumbers(metrics) });

/** Metrics of rows after the first `sent`, as many as a call may have, and how many rows are complete with them. */
function* batchesOf(rows: readonly MetricRow[], sent: number) {
  let metrics: object[] = [];
  for (const [row, { step, time, metrics: values }] of [...rows.entries()].slice(sent)) {
    const timestamp = Math.round(1000 * time);
    const own = Object.entries(plainNumbers(values)).map(([key, value]) => ({ key, value, timestamp, step }));
    if (metrics.length > 0 && metrics.length + own.length > mostMetrics) {
      yield { metrics, until: row };
      metrics = [];
    }
    metrics.push(...own);
    while (metrics.length > mostMetrics) yield { metrics: metrics.splice(0, mostMetrics), until: row };
  }
  if (metrics.length > 0) yield { metrics, until: rows.length };
}

async function experimentNamed(client: MlflowClient, name: string): Promise<string> {
  try {
    const { experiment } = await client.get<{ experiment: { experiment_id: string } }>("experiments/get-by-name", {
      experiment_name: name,
    });
    return experiment.experiment_id;
  } catch (error) {
    if (!(error instanceof MlflowError) || error.code !== "RESOURCE_DOES_NOT_EXIST") throw error;
    const created = await client.post<{ experiment_id: string }>("experiments/create", { name });
    return created.experiment_id;
  }
}

/** Runs on the server that are exports of this one and in force, the newest first, each with the mark of its rows where it has come to one. */
async function earlierExports(client: MlflowClient, experimentId: string, id: string) {
  interface Found {
    readonly runs?: readonly {
      readonly info: { readonly run_id: string };
      readonly data: { readonly tags: readonly { readonly key: string; readonly value: string }[] };
    }[];
  }
  const { runs = [] } = await client.post<Found>("runs/search", {
    experiment_ids: [experimentId],
    filter: `tags."${runTag}" = '${id}'`,
    order_by: ["attributes.start_time DESC"],
    max_results: 100,
  });
  const tagged = runs.map(({ info, data }) => {
    const tags = new Map(data.tags.map(({ key, value }) => [key, value]));
    return { runId: info.run_id, mark: tags.get(rowsTag), isOver: tags.has(supersededTag) };
  });
  return tagged.filter(({ isOver }) => !isOver);
}

/** A new run on the server. */
async function createRun(client: MlflowClient, experimentId: string, info: RunInfo, id: string): Promise<string> {
  const tags: Record<string, string> = {
    "mlflow.runName": info.name,
    ...(info.source && { "mlflow.source.git.commit": info.source.commit }),
    [runTag]: id,
    "vitscale.machine": `${info.machine.cpu}, ${info.machine.cores} cores, node ${info.machine.node}`,
    ...(info.engine && { "vitscale.engine": `${info.engine.name}: ${info.engine.reason}` }),
  };
  const { run } = await client.post<{ run: { info: { run_id: string } } }>("runs/create", {
    experiment_id: experimentId,
    run_name: info.name,
    start_time: Date.parse(info.started),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
  return run.info.run_id;
}

/** The configuration as parameters. The same may be sent again. A run that is marked has all of them. */
async function sendParams(client: MlflowClient, runId: string, info: RunInfo): Promise<void> {
  const params = Object.entries(flatten(info.config)).map(([key, value]) => ({
    key,
    value: value.slice(0, longestParam),
  }));
  for (const part of parts(params, mostParams)) await client.post("runs/log-batch", { run_id: runId, params: part });
  await client.post("runs/set-tag", { run_id: runId, key: rowsTag, value: markOf([], 0) });
}

function* parts<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
