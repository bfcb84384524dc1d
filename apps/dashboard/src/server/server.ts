import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Access, access } from "./access.ts";
import { openAnnotations } from "./annotations.ts";
import { builtPage, loadAssets } from "./assets.ts";
import { catalogue, requireFolder } from "./catalogue.ts";
import { reasonOf } from "./inside.ts";
import { linkOf } from "./link.ts";
import { metricStore } from "./metric-store.ts";
import { RequestError, send, sendJson } from "./reply.ts";
import { routes } from "./routes.ts";

/** Options of {@link dashboard}. */
export interface DashboardOptions {
  /** Address to listen on; 127.0.0.1 by default. Any that is not of loopback needs a token. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** What browsers on other machines must show; made up where an address needs one and none is given. */
  readonly token?: string;
  /** Bytes that metrics may take in memory, 512 MiB by default; runs that were not looked at longest go first. */
  readonly memoryBytes?: number;
  /** Milliseconds between looks at the folder, 1000 by default; a folder that takes long to look through is looked at less often. */
  readonly everyMs?: number;
  /** Folder of the built page. */
  readonly page?: string;
}

/** A dashboard that listens. */
export interface Dashboard {
  /** Its address, with the token where it needs one. */
  readonly url: string;
  /** Resolves when the metrics of every run that fits into memory have been read. */
  readonly warm: Promise<void>;
  close(): Promise<void>;
}

/**
 * Serves a folder of runs.
 *
 * @throws Error when the folder is missing, the page has not been built, the port is taken, or the token is empty
 */
export async function dashboard(folder: string, options: DashboardOptions = {}): Promise<Dashboard> {
  const { host = "127.0.0.1", port = 0, memoryBytes = 512 << 20, everyMs = 1000, page = builtPage } = options;
  await requireFolder(folder);
  const assets = loadAssets(page);
  const annotations = openAnnotations(folder);
  const runs = catalogue(folder, annotations);
  const metrics = metricStore(memoryBytes);
  const guard = access(host, options.token);
  await runs.refresh();

  const answers = routes({ folder, assets, runs, metrics, annotations });
  // A link may name a thousand runs.
  const server = createServer({ maxHeaderSize: 1 << 18 }, (request, response) => {
    void answer(answers, guard, request, response);
  });
  await listen(server, port, host);

  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const watch = async () => {
    const begun = performance.now();
    await runs.refresh().catch(() => {});
    const took = performance.now() - begun;
    if (!isClosed) timer = setTimeout(watch, Math.max(everyMs, 20 * took)).unref();
  };
  timer = setTimeout(watch, everyMs).unref();

  // Newest first, until memory is nearly full: what is looked at next is most likely there.
  const warmUp = async () => {
    const newest = [...runs.all()].sort((a, b) => (b.summary.updated ?? 0) - (a.summary.updated ?? 0));
    for (const { found, resumed } of newest) {
      if (isClosed || metrics.bytes > 0.8 * memoryBytes) return;
      await metrics.get({ ...found, resumed });
    }
  };

  const address = server.address();
  const actual = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: linkOf({ host, port: actual, token: guard.token }),
    warm: warmUp(),
    async close() {
      isClosed = true;
      clearTimeout(timer);
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answer(
  answers: ReturnType<typeof routes>,
  guard: Access,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const url = new URL(request.url ?? "/", "http://dashboard");
    const refusal = guard.refusal(request, url);
    if (refusal !== undefined) {
      send(response, "text/plain; charset=utf-8", `${refusal.why}\n`, { status: refusal.status });
      return;
    }
    if (guard.token !== undefined && url.searchParams.has("token")) {
      url.searchParams.delete("token");
      const more = { location: url.pathname + url.search, "set-cookie": guard.cookie() };
      send(response, "text/plain; charset=utf-8", "", { status: 303, more });
      return;
    }
    // Of an answer to HEAD the headers alone are sent; a stream of events has no end to wait for.
    const method = request.method === "HEAD" && url.pathname !== "/api/live" ? "GET" : request.method;
    const found = answers.get(`${method} ${url.pathname}`);
    if (found === undefined) throw new RequestError(404, `there is nothing at ${request.method} ${url.pathname}`);
    await found(response, request, url);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else sendJson(response, { error: reasonOf(error) }, error instanceof RequestError ? error.status : 500);
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE" ? new Error(`port ${port} is taken; give another by --port, or 0 for any`) : error,
      ),
    );
    server.listen(port, host, resolve);
  });
}
