import { type Column, numberColumn, textColumn, vectorColumn } from "./column.ts";
import { groupNames } from "./column-names.ts";
import { type CsvRecord, csvRecords } from "./csv-records.ts";
import { isNameColumn } from "./name-columns.ts";
import { numberOf } from "./number-of.ts";
import { defaultPartRows, type ReadTableOptions } from "./read-options.ts";
import { type Table, TableError, table } from "./table.ts";

/**
 * Reads a CSV file (tab-separated when its name ends in `.tsv`) in parts. The first line names the columns; `scores.0`, `scores.1`, ...
 * make up the vector `scores`. A column holds numbers if all of its values in the first part do (an empty one is NaN), else texts; columns
 * that name things, such as `image`, always texts.
 *
 * @throws TableError naming row and column for lines with too few or too many fields, and for a text among numbers.
 */
export async function* readCsv(path: string, options: ReadTableOptions = {}): AsyncGenerator<Table> {
  const { kinds = {}, names, partRows = defaultPartRows } = options;
  const separator = /\.tsv(\.gz)?$/.test(path) ? "\t" : ",";
  let header: CsvRecord | undefined;
  let decided = new Map<string, Column["kind"]>(Object.entries(kinds));
  let rows: CsvRecord[] = [];
  let firstRow = 0;

  const toTable = (): Table => {
    const part = columnsOf(path, header!, rows, { kinds: decided, names, firstRow });
    decided = new Map([...part].map(([name, { kind }]) => [name, kind]));
    firstRow += rows.length;
    rows = [];
    return table(part, path);
  };

  for await (const records of csvRecords(path, separator)) {
    for (const record of records) {
      if (header === undefined) {
        header = requireNames(path, record);
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

interface Known {
  readonly kinds: ReadonlyMap<string, Column["kind"]>;
  readonly names: ReadTableOptions["names"];
  /** Number of the first of the rows within the file. */
  readonly firstRow: number;
}

function columnsOf(path: string, header: CsvRecord, rows: readonly CsvRecord[], known: Known): Map<string, Column> {
  const columns = new Map<string, Column>();
  for (const [name, { parts, isVector }] of groupNames(header, path, known.names)) {
    const places = parts.map((part) => header.indexOf(part));
    const kind = isVector ? "vector" : (known.kinds.get(name) ?? kindOf(name, rows, places[0]!));
    if (kind === "text") {
      columns.set(name, textColumn(rows.map((row) => row[places[0]!]!)));
      continue;
    }
    const width = places.length;
    const values = kind === "vector" ? new Float32Array(rows.length * width) : new Float64Array(rows.length);
    for (const [i, row] of rows.entries()) {
      for (const [j, place] of places.entries()) {
        const value = numberOf(row[place]!);
        if (value === undefined) {
          const rule = kind === "vector" ? "a vector holds numbers" : "the values before it are numbers";
          const remedy =
            kind === "vector"
              ? "; name it otherwise if it is none"
              : `; if it holds texts, read it with kinds: { "${name}": "text" }`;
          throw new TableError(
            path,
            `column "${header[place]}" is "${row[place]}", but ${rule}${remedy}`,
            known.firstRow + i,
          );
        }
        values[i * width + j] = value;
      }
    }
    columns.set(name, kind === "vector" ? vectorColumn(values as Float32Array, width) : numberColumn(values));
  }
  return columns;
}

function kindOf(name: string, rows: readonly CsvRecord[], place: number): Column["kind"] {
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
