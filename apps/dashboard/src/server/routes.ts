import type { IncomingMessage, ServerResponse } from "node:http";
import type { Annotations } from "./annotations.ts";
import type { Asset } from "./assets.ts";
import type { Catalogue } from "./catalogue.ts";
import { type ChartRuns, curves } from "./curves/curves.ts";
import { heat } from "./curves/heat.ts";
import { extensionOf, imageTypes, readEvaluation, runDetail } from "./detail.ts";
import { metricNames, metricsCsv } from "./export.ts";
import { insidePath, openRegular } from "./inside.ts";
import type { MetricStore, RunMetrics } from "./metric-store.ts";
import { annotationOf, curvesQuery, heatQuery, runsOf } from "./queries.ts";
import { openEvents, pagePolicy, RequestError, readBody, send, sendJson, sendPieces } from "./reply.ts";
import { listReports, readReport } from "./reports.ts";
import type { KnownRun } from "./summarize.ts";

/** What requests are answered from. */
export interface Sources {
  readonly folder: string;
  readonly assets: ReadonlyMap<string, Asset>;
  readonly runs: Catalogue;
  readonly metrics: MetricStore;
  readonly annotations: Annotations;
}

type Answer = (response: ServerResponse, request: IncomingMessage, url: URL) => Promise<void> | void;

/** Addresses of the page's views; each is the same page, which reads its own address. */
export const views = ["/", "/curves", "/compare", "/evaluations", "/health", "/images", "/benchmark"];

const largestPicture = 64 << 20;

/** Every address that is answered, with its method. */
export function routes({ folder, assets, runs, metrics, annotations }: Sources): ReadonlyMap<string, Answer> {
  const known = (id: string): KnownRun => {
    const run = runs.find(id);
    if (run === undefined) throw new RequestError(404, `there is no run "${id}" in this folder`);
    return run;
  };
  const metricsOf = ({ found, resumed }: KnownRun): Promise<RunMetrics> => metrics.get({ ...found, resumed });

  /** Runs with their tables, in the order asked for, one after the other; one that is gone is left out. */
  const chartRuns = (ids: readonly string[]): ChartRuns =>
    async function* () {
      for (const id of new Set(ids)) {
        const run = runs.find(id);
        if (run !== undefined) yield { id, table: (await metricsOf(run)).table, cost: run.cost };
      }
    };

  const page: Answer = (response) => {
    const { type, body } = assets.get("index.html")!;
    send(response, type, body, { policy: pagePolicy });
  };

  const answers: [string, Answer][] = [
    ...views.map((path): [string, Answer] => [`GET ${path}`, page]),
    ...Array.from(assets, ([name, { type, body }]): [string, Answer] => [
      `GET /page/${name}`,
      (response) => send(response, type, body, { cache: "no-cache" }),
    ]),
    ["GET /favicon.ico", (response) => send(response, "image/svg+xml", assets.get("icon.svg")?.body ?? "")],
    ["GET /api/runs", (response) => sendJson(response, runs.list())],
    [
      "GET /api/live",
      (response) => {
        const emit = openEvents(response);
        // The page may have missed changes between its list and this stream.
        emit("list", runs.list());
        const unsubscribe = runs.subscribe((changes) => emit("changes", changes));
        const pulse = setInterval(() => response.write(": alive\n\n"), 15_000);
        response.on("close", () => {
          unsubscribe();
          clearInterval(pulse);
        });
      },
    ],
    [
      "GET /api/run",
      async (response, _, url) => {
        const run = known(url.searchParams.get("run") ?? "");
        sendJson(response, await runDetail(run, await metricsOf(run)));
      },
    ],
    [
      "GET /api/evaluation",
      async (response, _, url) => {
        const { found } = known(url.searchParams.get("run") ?? "");
        const path = url.searchParams.get("path") ?? "";
        if ((await insidePath(found.folder, path)) === undefined)
          throw new RequestError(404, `there is no file ${path}`);
        sendJson(response, await readEvaluation(found.folder, path));
      },
    ],
    [
      "GET /api/picture",
      async (response, _, url) => {
        const { found } = known(url.searchParams.get("run") ?? "");
        const path = url.searchParams.get("path") ?? "";
        const type = imageTypes[extensionOf(path)];
        const real = await insidePath(found.folder, path);
        if (type === undefined || real === undefined) throw new RequestError(404, `there is no picture ${path}`);
        const file = await openRegular(real);
        try {
          if ((await file.stat()).size > largestPicture) throw new RequestError(413, `${path} is too large to show`);
          send(response, type, await file.readFile());
        } finally {
          await file.close();
        }
      },
    ],
    [
      "POST /api/metrics",
      async (response, request) => {
        const counts = new Map<string, number>();
        for await (const { table } of chartRuns(runsOf(await readBody(request)))()) {
          for (const name of table.series.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
        }
        sendJson(
          response,
          Array.from(counts, ([name, runs]) => ({ name, runs })),
        );
      },
    ],
    [
      "POST /api/curves",
      async (response, request) => {
        const query = curvesQuery(await readBody(request));
        sendJson(response, await curves(query, chartRuns(query.runs)));
      },
    ],
    [
      "POST /api/heat",
      async (response, request) => {
        const query = heatQuery(await readBody(request));
        const run = known(query.run);
        sendJson(response, heat(query, { id: query.run, table: (await metricsOf(run)).table, cost: run.cost }));
      },
    ],
    [
      "GET /api/metrics.csv",
      async (response, _, url) => {
        const chosen = chartRuns(url.searchParams.getAll("run"));
        const asked = url.searchParams.getAll("metric");
        const names = asked.length > 0 ? asked : await metricNames(chosen);
        await sendPieces(response, "text/csv; charset=utf-8", "metrics.csv", metricsCsv(chosen, names));
      },
    ],
    ["GET /api/reports", async (response) => sendJson(response, await listReports(folder, runs.reports))],
    [
      "GET /api/report",
      async (response, _, url) => {
        const path = url.searchParams.get("path") ?? "";
        if (!runs.reports.includes(path)) throw new RequestError(404, `there is no report "${path}"`);
        sendJson(response, await readReport(folder, path));
      },
    ],
    [
      "PUT /api/annotation",
      async (response, request) => {
        const { run, ...annotation } = annotationOf(await readBody(request));
        known(run);
        await annotations.set(run, annotation);
        runs.touch(run);
        sendJson(response, annotation);
      },
    ],
  ];
  return new Map(answers);
}
