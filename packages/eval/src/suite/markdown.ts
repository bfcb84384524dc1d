import { formatCell } from "./format.ts";
import type { Cell, ResultTable, Suite, SuiteResult } from "./suite.ts";

/** Where the predictions came from, for the head of a report. */
export interface ResultFacts {
  /** A file, a checkpoint, a data set: whatever made the predictions. */
  readonly source: string;
  /** Steps of training, where a run made them. */
  readonly step?: number;
}

/**
 * The result of a suite as a page of Markdown: what it measures, its metrics with intervals, tables, plots, notes.
 *
 * @param plotPath the path of a plot's file relative to the page
 */
export function resultMarkdown(
  { name, measures }: Pick<Suite, "name" | "measures">,
  { metrics, tables, plots, notes }: SuiteResult,
  { source, step }: ResultFacts,
  plotPath: (plot: string) => string,
): string {
  const from = `Predictions: ${source}${step === undefined ? "" : `, step ${step}`}.`;
  const rows = Object.entries(metrics).map(([metric, estimate]): Cell[] => [metric, estimate, estimate.count]);
  const summary: ResultTable = { title: "Metrics", columns: ["metric", "value (95 % interval)", "cases"], rows };
  const parts = [
    `# ${name}`,
    `It measures ${measures}.\n\n${from}`,
    ...[summary, ...tables].map(markdownTable),
    ...plots.map(({ name: plot, title }) => `![${title}](${plotPath(plot)})`),
    ...(notes.length === 0 ? [] : [`## Notes\n\n${notes.map((note) => `- ${note}`).join("\n")}`]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function markdownTable({ title, columns, rows }: ResultTable): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const escaped = (cell: Cell) => formatCell(cell).replaceAll("|", "\\|").replaceAll("\n", " ");
  const alignment = columns.map((_, column) => (rows.every((row) => typeof row[column] === "string") ? "---" : "---:"));
  return [`## ${title}`, "", line(columns), line(alignment), ...rows.map((row) => line(row.map(escaped)))].join("\n");
}
