import type { ConfusionView, ResultView } from "../views/index.ts";
import { formatCell } from "./format.ts";
import type { Cell, ResultTable, Suite, SuiteResult } from "./suite.ts";

/** Where the predictions came from, for the head of a report. */
export interface ResultFacts {
  /** A file, a checkpoint, a data set: whatever made the predictions. */
  readonly source: string;
  /** Steps of training, where a run made them. */
  readonly step?: number;
}

/** Classes of the largest confusion matrix that is a table of the page; the file of the result has all of them. */
const mostClasses = 20;

/**
 * The result of a suite as a page of Markdown: what it measures, its metrics with intervals, tables, plots, confusion matrices of few classes,
 * notes.
 *
 * @param plotPath the path of a plot's file relative to the page
 */
export function resultMarkdown(
  { name, measures }: Pick<Suite, "name" | "measures">,
  { metrics, tables, plots, views = [], notes }: SuiteResult,
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
    ...views.filter(isSmallConfusion).map(confusionDetails),
    ...(notes.length === 0 ? [] : [`## Notes\n\n${notes.map((note) => `- ${note}`).join("\n")}`]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function isSmallConfusion(view: ResultView): view is ConfusionView {
  return view.kind === "confusion" && view.classes.length <= mostClasses;
}

/** Rows are the true classes, columns the answers; what never happened is left empty. */
function confusionDetails({ title, classes, counts }: ConfusionView): string {
  const rows = counts.map((row, i): Cell[] => [classes[i]!, ...row.map((count) => (count === 0 ? "" : count))]);
  const matrix = tableLines({ columns: ["", ...classes], rows }, ["---", ...classes.map(() => "---:")]);
  return `<details><summary>${title}</summary>\n\n${matrix}\n\n</details>`;
}

function markdownTable({ title, columns, rows }: ResultTable): string {
  const alignment = columns.map((_, column) => (rows.every((row) => typeof row[column] === "string") ? "---" : "---:"));
  return `## ${title}\n\n${tableLines({ columns, rows }, alignment)}`;
}

function tableLines({ columns, rows }: Omit<ResultTable, "title">, alignment: readonly string[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const escaped = (cell: Cell) => formatCell(cell).replaceAll("|", "\\|").replaceAll("\n", " ");
  return [line(columns.map(escaped)), line(alignment), ...rows.map((row) => line(row.map(escaped)))].join("\n");
}
