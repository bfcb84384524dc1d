import { type Column, numberColumn, type TextColumn, textColumn, vectorColumn } from "./column.ts";
import { groupNames } from "./column-names.ts";
import { type CsvRecord, csvRecords } from "./csv-records.ts";
import { isNameColumn } from "./name-columns.ts";
import { numberOf } from "./number-of.ts";
import { type ReadTableOptions, rowsOfPart } from "./read-options.ts";
import { type Table, TableError, table } from "./table.ts";

/**
 * Reads a CSV file (tab-separated when its name ends in `.tsv`) in parts. The first line names the columns; `scores.0`, `scores.1`, ...
 * make up the vector `scores`. A column holds numbers if all of its values in the first part do (an empty one is NaN), else texts; columns
 * that name things, such as `image`, always texts.
 *
 * @throws TableError naming row and column for lines with too few or too many fields, and for a text among numbers.
 */
export async function* readCsv(path: string, options: ReadTableOptions = {}): AsyncGenerator<Table> {
  const { kinds = {}, names } = options;
  const separator = /\.tsv(\.gz)?$/.test(path) ? "\t" : ",";
  let header: CsvRecord | undefined;
  let places: readonly Placed[] = [];
  let [partRows, firstRow] = [1, 0];
  let decided = new Map<string, Column["kind"]>(Object.entries(kinds));
  let rows: CsvRecord[] = [];

  const toTable = (): Table => {
    const part = columnsOf(places, rows, { path, kinds: decided, firstRow });
    decided = new Map([...part].map(([name, { kind }]) => [name, kind]));
    firstRow += rows.length;
    rows = [];
    return table(part, path);
  };

  for await (const records of csvRecords(path, separator)) {
    for (const record of records) {
      if (header === undefined) {
        header = requireNames(path, record);
        places = placesIn(header, path, names);
        partRows = rowsOfPart(header.length, options);
        continue;
      }
      if (record.length !== header.length) {
        throw new TableError(
          path,
          `has ${record.length} fields, but the first line names ${header.length} columns`,
          firstRow + rows.length,
        );
      }
      rows.push(record);
      if (rows.length === partRows) yield toTable();
    }
  }
  if (header === undefined) throw new TableError(path, "is empty; its first line must name the columns");
  if (rows.length > 0 || firstRow === 0) yield toTable();
}

/** A column of the table, and where in a line its fields are. */
interface Placed {
  readonly name: string;
  readonly isVector: boolean;
  /** What the first line calls its fields, and which of the line they are. */
  readonly parts: readonly string[];
  readonly places: readonly number[];
}

function placesIn(header: CsvRecord, path: string, names: ReadTableOptions["names"]): Placed[] {
  const placeOf = new Map(header.map((name, place) => [name, place]));
  return [...groupNames(header, path, names)].map(([name, { parts, isVector }]) => ({
    ...{ name, isVector, parts },
    places: parts.map((part) => placeOf.get(part)!),
  }));
}

interface Known {
  readonly path: string;
  readonly kinds: ReadonlyMap<string, Column["kind"]>;
  /** Number of the first of the rows within the file. */
  readonly firstRow: number;
}

function columnsOf(places: readonly Placed[], rows: readonly CsvRecord[], known: Known): Map<string, Column> {
  const columns = new Map<string, Column>();
  for (const placed of places) {
    const { name, isVector } = placed;
    const place = placed.places[0]!;
    const kind = isVector ? "vector" : (known.kinds.get(name) ?? kindOf(name, rows, place));
    columns.set(
      name,
      kind === "text" ? detached(textColumn(rows.map((row) => row[place]!))) : numbersIn(placed, kind, rows, known),
    );
  }
  return columns;
}

/** Texts that stand alone: a piece that was cut out of a file's text keeps all of that in memory, for as long as a suite keeps the name of an image. */
function detached({ values, ...column }: TextColumn): TextColumn {
  return { ...column, values: values.map((text) => Buffer.from(text).toString()) };
}

/** A column of numbers, or of vectors. */
function numbersIn(
  { name, parts, places }: Placed,
  kind: "number" | "vector",
  rows: readonly CsvRecord[],
  { path, firstRow }: Known,
): Column {
  const width = places.length;
  const values = kind === "vector" ? new Float32Array(rows.length * width) : new Float64Array(rows.length);
  for (const [i, row] of rows.entries()) {
    for (const [j, place] of places.entries()) {
      const value = numberOf(row[place]!);
      if (value === undefined) {
        const rule =
          kind === "vector"
            ? "a vector holds numbers; name it otherwise if it is none"
            : `the values before it are numbers; if it holds texts, say so: --as-text ${name}, or kinds: { "${name}": "text" } in a program`;
        throw new TableError(path, `column "${parts[j]}" is "${row[place]}", but ${rule}`, firstRow + i);
      }
      values[i * width + j] = value;
    }
  }
  return kind === "vector" ? vectorColumn(values as Float32Array, width) : numberColumn(values);
}

function kindOf(name: string, rows: readonly CsvRecord[], place: number): "number" | "text" {
  return !isNameColumn(name) && isNumeric(rows, place) ? "number" : "text";
}

/** Whether a column has a number, and nothing else but empty fields. */
function isNumeric(rows: readonly CsvRecord[], place: number): boolean {
  let hasNumber = false;
  for (const row of rows) {
    const field = row[place]!;
    if (numberOf(field) === undefined) return false;
    hasNumber ||= field !== "";
  }
  return hasNumber;
}

function requireNames(path: string, header: CsvRecord): CsvRecord {
  const seen = new Set<string>();
  for (const name of header) {
    if (seen.has(name)) throw new TableError(path, `has two columns named "${name}"; give each a name of its own`);
    seen.add(name);
  }
  return header;
}
