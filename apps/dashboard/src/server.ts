import { createServer, type Server } from "node:http";
import { runListPage } from "./page.ts";
import { listRuns } from "./runs.ts";

/** Serves the list of runs in a folder: `GET /` as a page, `GET /api/runs` as JSON. Reads only; nothing is cached. */
export function runServer(folder: string): Server {
  return createServer((request, response) => {
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, {
        "content-type": `${type}; charset=utf-8`,
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
        "x-content-type-options": "nosniff",
      });
      response.end(body);
    };
    try {
      if (request.method !== "GET") send(405, "text/plain", "only GET is answered\n");
      else if (request.url === "/") send(200, "text/html", runListPage(listRuns(folder)));
      else if (request.url === "/api/runs") send(200, "application/json", JSON.stringify(listRuns(folder)));
      else send(404, "text/plain", "there is / and /api/runs\n");
    } catch (error) {
      send(500, "text/plain", `${(error as Error).message}\n`);
    }
  });
}
