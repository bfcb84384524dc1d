import { hostname } from "node:os";
import { resolve } from "node:path";
import { type RunInfo, type RunStatus, readRunInfo } from "../runs/info.ts";
import { readMetrics } from "../runs/rows.ts";
import { flatten } from "./flatten.ts";
import { createMlflowClient, type MlflowClient, MlflowError } from "./mlflow-client.ts";

/** Options of {@link exportToMlflow}. */
export interface MlflowOptions {
  /** The tracking server, such as `http://localhost:5000`. */
  readonly url: string;
  /** The run's group, or `vitscale`, by default. It is made where it is not there. */
  readonly experiment?: string;
}

/** Limits of MLflow's `log-batch` and of its values. */
const mostMetrics = 1000;
const mostParams = 100;
const longestParam = 500;

/** Tags by which an export is found again and goes on. */
const runTag = "vitscale.run";
const rowsTag = "vitscale.rows";

const statuses: Record<RunStatus, string> = {
  running: "RUNNING",
  finished: "FINISHED",
  interrupted: "KILLED",
  failed: "FAILED",
};

/**
 * Brings a run to an MLflow server by its REST API: the configuration as parameters (`model.width`), every metric with step and time, the
 * commit and machine as tags. Exported again, only rows that are new are sent.
 *
 * @returns where to look at it, and how many rows were sent
 * @throws MlflowError with the server's words, or when it cannot be reached.
 */
export async function exportToMlflow(
  folder: string,
  { url, experiment }: MlflowOptions,
): Promise<{ readonly link: string; readonly rows: number }> {
  const client = createMlflowClient(url);
  const info = readRunInfo(folder);
  const experimentId = await experimentNamed(client, experiment ?? info.group ?? "vitscale");
  const id = `${hostname()}:${resolve(folder)}@${info.started}`;
  const rows = readMetrics(folder);
  const earlier = await earlierExport(client, experimentId, id);
  // Fewer rows than were sent: the run was resumed from before them, and its curve is another.
  const goesOn = earlier !== undefined && earlier.rows <= rows.length;
  const runId = goesOn ? earlier.runId : await createRun(client, experimentId, info, id);
  const sent = goesOn ? earlier.rows : 0;

  const metrics = rows.slice(sent).flatMap(({ step, time, metrics }) =>
    Object.entries(metrics).map(([key, value]) => ({
      key,
      value: Number.isFinite(value) ? value : `${value}`,
      timestamp: Math.round(1000 * time),
      step,
    })),
  );
  for (const part of parts(metrics, mostMetrics)) await client.post("runs/log-batch", { run_id: runId, metrics: part });
  await client.post("runs/set-tag", { run_id: runId, key: rowsTag, value: `${rows.length}` });
  const status = statuses[info.status];
  const ended = status === "RUNNING" ? {} : { end_time: Date.parse(info.updated) };
  await client.post("runs/update", { run_id: runId, status, ...ended });
  return { link: `${client.url}/#/experiments/${experimentId}/runs/${runId}`, rows: rows.length - sent };
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

async function earlierExport(client: MlflowClient, experimentId: string, id: string) {
  interface Found {
    readonly runs?: readonly {
      readonly info: { readonly run_id: string };
      readonly data: { readonly tags: readonly { readonly key: string; readonly value: string }[] };
    }[];
  }
  const { runs = [] } = await client.post<Found>("runs/search", {
    experiment_ids: [experimentId],
    filter: `tags."${runTag}" = '${id.replaceAll("'", "_")}'`,
    order_by: ["attributes.start_time DESC"],
    max_results: 1,
  });
  const [run] = runs;
  if (run === undefined) return undefined;
  return { runId: run.info.run_id, rows: Number(run.data.tags.find(({ key }) => key === rowsTag)?.value ?? 0) };
}

/** A new run on the server, with the configuration as parameters. */
async function createRun(client: MlflowClient, experimentId: string, info: RunInfo, id: string): Promise<string> {
  const tags: Record<string, string> = {
    "mlflow.runName": info.name,
    ...(info.source && { "mlflow.source.git.commit": info.source.commit }),
    [runTag]: id.replaceAll("'", "_"),
    "vitscale.machine": `${info.machine.cpu}, ${info.machine.cores} cores, node ${info.machine.node}`,
    ...(info.engine && { "vitscale.engine": `${info.engine.name}: ${info.engine.reason}` }),
  };
  const { run } = await client.post<{ run: { info: { run_id: string } } }>("runs/create", {
    experiment_id: experimentId,
    run_name: info.name,
    start_time: Date.parse(info.started),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
  const runId = run.info.run_id;
  const params = Object.entries(flatten(info.config)).map(([key, value]) => ({
    key,
    value: value.slice(0, longestParam),
  }));
  for (const part of parts(params, mostParams)) await client.post("runs/log-batch", { run_id: runId, params: part });
  return runId;
}

function* parts<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
