import { formatNumber } from "../../progress.ts";
import type { Metrics } from "../../runs/info.ts";
import { errorCell } from "../table.ts";

/** How a run ended, in a table: why it failed, or what it reached. */
export function describeOutcome(error: string | undefined, summary: Metrics): string {
  return error === undefined ? describeMetrics(summary) : errorCell(error);
}

/** The first few metrics of a summary in a line; counts of examples are left out. */
function describeMetrics(summary: Metrics, most = 4): string {
  const entries = Object.entries(summary).filter(([name]) => !name.endsWith("/examples"));
  const shown = entries.slice(0, most).map(([name, value]) => `${name} ${formatNumber(value)}`);
  return [...shown, ...(entries.length > most ? ["…"] : [])].join("  ");
}
