import { formatNumber } from "../../progress.ts";
import type { Metrics } from "../../runs/info.ts";

/** The first few metrics of a summary in a line; counts of examples are left out. */
export function describeMetrics(summary: Metrics, most = 4): string {
  const entries = Object.entries(summary).filter(([name]) => !name.endsWith("/examples"));
  const shown = entries.slice(0, most).map(([name, value]) => `${name} ${formatNumber(value)}`);
  return [...shown, ...(entries.length > most ? ["…"] : [])].join("  ");
}
