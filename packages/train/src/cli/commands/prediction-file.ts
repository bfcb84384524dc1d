import {
  columnOf,
  type LabelMap,
  loadTable,
  mapPredictions,
  numberColumn,
  numbersOf,
  readTable,
  type ScoreKind,
  scoreKind,
  type Table,
  TableError,
  table,
} from "@vitscale/eval";
import { UsageError } from "../arguments.ts";

/** Files of predictions, and what is done to their rows. */
export interface PredictionFile {
  readonly path: string;
  /** File of labels, for predictions that come without. */
  readonly labels?: string | undefined;
  /** From the classes of the predictions to those of the labels. */
  readonly map?: LabelMap | undefined;
  /** What the scores are, for the map; by default all are what the file's first row looks like. */
  readonly scores?: ScoreKind | undefined;
}

/**
 * The rows of a file of predictions, part by part: a suite that adds up over them needs memory for one at a time.
 *
 * @throws TableError where there are none, UsageError where the labels are not as many as the rows
 */
export async function* readPredictions({ path, labels, map, scores }: PredictionFile): AsyncGenerator<Table> {
  const label = labels === undefined ? undefined : await labelsOf(labels);
  let [rows, kind] = [0, scores];
  for await (const part of readTable(path)) {
    const end = rows + part.length;
    const own = label === undefined ? part : withLabels(part, label.subarray(rows, end));
    rows = end;
    if (own.length === 0) continue;
    if (map === undefined) {
      yield own;
      continue;
    }
    kind ??= scoreKind(columnOf(own, "scores", "vector"));
    yield mapPredictions(own, map, kind);
  }
  if (rows === 0) throw new TableError(path, "has no rows; give at least one prediction");
  if (label !== undefined && label.length !== rows) {
    throw new UsageError(`${labels} has ${label.length} labels, but ${path} ${rows} rows; give a label for each`);
  }
}

type Numbers = ReturnType<typeof numbersOf>;

async function labelsOf(path: string): Promise<Numbers> {
  const read = await loadTable(path);
  if (!read.columns.has("label")) throw new UsageError(`${path} has no column "label"`);
  return numbersOf(read, "label");
}

function withLabels(part: Table, label: Numbers): Table {
  if (label.length !== part.length)
    throw new UsageError(`there are fewer labels than rows of ${part.name}; give a label for each`);
  return table(new Map([...part.columns, ["label", numberColumn(label)]]), part.name);
}
