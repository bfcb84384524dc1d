import type { RowsFile } from "../suite/suite.ts";
import { numberColumn, textColumn } from "../table/column.ts";
import { table } from "../table/table.ts";
import { type Answers, noAnswer, type Observer } from "./answers.ts";
import { sixteenClasses } from "./sixteen-classes.ts";

/**
 * One observer's answers as the toolbox has them, so that its own plots can show them: the rows of a file
 * `colour/colour_my-model_session-1.csv`, with `_` in the observer's name, and what no file's name may have, written as `-`.
 */
export function answersFile({ name, conditions, trials }: Answers, observer: Observer): RowsFile {
  const rows = trials.images.length;
  const nameOf = (category: number) => sixteenClasses[category] ?? noAnswer;
  const columns = {
    subj: textColumn(new Array<string>(rows).fill(observer.name)),
    session: numberColumn(new Int32Array(rows).fill(1)),
    trial: numberColumn(Int32Array.from({ length: rows }, (_, row) => row + 1)),
    rt: numberColumn(new Float32Array(rows).fill(Number.NaN)),
    object_response: textColumn(Array.from(observer.answers, nameOf)),
    category: textColumn(Array.from(trials.category, nameOf)),
    condition: textColumn(Array.from(trials.condition, (condition) => conditions[condition] || "NaN")),
    imagename: textColumn(trials.images),
  };
  const [set, model] = [name.replace(/[/\\:]/g, "-"), observer.name.replace(/[/\\:_]/g, "-")];
  const path = `${set}/${set}_${model}_session-1.csv`;
  return { path, rows: table(columns, path) };
}
