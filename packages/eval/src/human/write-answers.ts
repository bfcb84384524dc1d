import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { numberColumn, textColumn } from "../table/column.ts";
import { table } from "../table/table.ts";
import { writeCsv } from "../table/write-csv.ts";
import { type Answers, noAnswer, type Observer } from "./answers.ts";
import { sixteenClasses } from "./sixteen-classes.ts";

/**
 * Writes one observer's answers as the toolbox does, so that its own plots can show them: a file
 * `FOLDER/colour/colour_my-model_session-1.csv`, with `_` in the observer's name written as `-` in the file's.
 *
 * @returns the path of the file
 */
export async function writeAnswers(folder: string, answers: Answers, observer: Observer): Promise<string> {
  const { name, conditions, trials } = answers;
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
  await mkdir(join(folder, name), { recursive: true });
  const path = join(folder, name, `${name}_${observer.name.replaceAll("_", "-")}_session-1.csv`);
  await writeCsv(path, [table(columns, path)]);
  return path;
}
