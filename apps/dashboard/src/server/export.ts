import type { ChartRuns } from "./curves/curves.ts";

/** Names of all metrics of some runs, in order. */
export async function metricNames(runs: ChartRuns): Promise<string[]> {
  const names = new Set<string>();
  for await (const { table } of runs()) for (const name of table.series.keys()) names.add(name);
  return Array.from(names).sort();
}

/**
 * Metrics at full resolution as CSV (RFC 4180): a line a row of `metrics.jsonl`, a column a metric; a cell without a value is empty.
 * It comes in pieces, so that tables of gigabytes are never one text, nor in memory together.
 */
export async function* metricsCsv(runs: ChartRuns, metrics: readonly string[]): AsyncGenerator<string> {
  yield `${["run", "step", "seconds", ...metrics].map(csvCell).join(",")}\r\n`;
  for await (const { id, table } of runs()) {
    const columns = metrics.map((name) => table.series.get(name));
    const cursors = columns.map(() => 0);
    let piece = "";
    for (let row = 0; row < table.steps.length; row++) {
      let isEmpty = true;
      const cells = columns.map((column, index) => {
        const cursor = cursors[index]!;
        if (column === undefined || column.rows.values[cursor] !== row) return "";
        cursors[index] = cursor + 1;
        isEmpty = false;
        return String(column.values.values[cursor]);
      });
      if (isEmpty) continue;
      piece += `${csvCell(id)},${table.steps.values[row]},${table.seconds.values[row]},${cells.join(",")}\r\n`;
      if (piece.length > 1 << 16) {
        yield piece;
        piece = "";
      }
    }
    yield piece;
  }
}

/** Text as a cell; quoted where it must be, and with an apostrophe where a spreadsheet would take it for a formula. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
