import { hostTensor } from "@vitscale/core";
import { checkScores, type ScoreKind } from "../calibration/probabilities.ts";
import { columnOf, pickColumns, type Table, TableError, tableRows } from "../table/index.ts";
import type { OodDataset } from "./datasets.ts";
import { type Decisions, decide, restrictDecisions } from "./decisions.ts";
import { topDecisions } from "./top-decisions.ts";

/** The best `k` classes (or fewer, where there are not as many) of some images, among all or some of the model's classes. */
export type DecideAmong = (k: number, among?: readonly number[]) => Decisions;

/**
 * What a table's rows decide for: by the scores of all classes, or as the lists of the best ones in a column `top` tell.
 *
 * @param parts the data sets that the rows are of, all of which must begin with the model's classes
 * @throws TableError for scores of another number of classes than a data set needs, and naming the row of scores that are not what they are
 *   said to be, or of a list that is none
 */
export function deciderOf(
  table: Table,
  parts: readonly { readonly dataset: OodDataset }[],
  kind: ScoreKind | undefined,
): (rows: readonly number[]) => DecideAmong {
  if (table.columns.has("top")) {
    const classes = Math.min(...parts.map(({ dataset }) => dataset.map.sourceClasses));
    const { k: listed, classes: top } = topDecisions(table, classes);
    return (rows) => {
      const own = {
        k: listed,
        classes: Int32Array.from(rows.flatMap((row) => [...top.subarray(row * listed, (row + 1) * listed)])),
      };
      return (_, among) => (among === undefined || among.length === classes ? own : restrictDecisions(own, among));
    };
  }
  const scores = columnOf(table, "scores", "vector");
  for (const { map, title } of parts.map(({ dataset }) => dataset)) {
    if (map.sourceClasses === scores.width) continue;
    throw new TableError(
      table.name,
      `has scores of ${scores.width} classes, but ${title} needs a model of ${map.sourceClasses}; give a data set with a label map from ` +
        "the classes of this model",
    );
  }
  checkScores(scores, kind, table.name);
  return (rows) => {
    const { data } = columnOf(tableRows(pickColumns(table, ["scores"]), rows), "scores", "vector");
    const own = hostTensor("float32", [rows.length, scores.width], data);
    return (k, among) => decide(own, Math.min(k, among?.length ?? scores.width), among);
  };
}
