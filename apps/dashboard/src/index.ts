// A page over a folder of runs.
export { escapeHtml, runListPage } from "./page.ts";
export { listRuns, type RunSummary } from "./runs.ts";
export { runServer } from "./server.ts";
