import { ParquetFile } from "@vitscale/data";
import { type Column, numberColumn, textColumn, type VectorColumn, vectorColumn } from "./column.ts";
import { groupNames } from "./column-names.ts";
import { isNameColumn, namesColumn } from "./name-columns.ts";
import { type ReadTableOptions, rowsOfPart } from "./read-options.ts";
import { type Table, TableError, table } from "./table.ts";

/**
 * Reads a Parquet file in parts, which row groups end. Columns of numbers, texts and lists of numbers (all of one length) are understood, and
 * `scores.0`, `scores.1`, ... make up the vector `scores`. A number that is missing is NaN, a text that is missing is empty.
 * Columns that name things, such as `image`, are texts whatever they hold.
 *
 * @throws TableError naming row and column for what a table cannot hold.
 */
export async function* readParquet(path: string, options: ReadTableOptions = {}): AsyncGenerator<Table> {
  const { names, kinds } = options;
  const file = await ParquetFile.open(path);
  try {
    const groups = groupNames(file.columns, path, names);
    const texts = new Set(
      file.schema.children.flatMap(({ element: { name, type } }) => (type === "BYTE_ARRAY" ? name : [])),
    );
    let firstRow = 0;
    for (let group = 0; group < file.groups; group++) {
      const { rows, width } = file.sizeOfGroup(group);
      const partRows = rowsOfPart(width, options);
      const opened = new Map(file.columns.map((column) => [column, file.openGroup(column, group)]));
      for (let start = 0; start === 0 || start < rows; start += partRows) {
        const count = Math.min(partRows, rows - start);
        const columns = new Map<string, Column>();
        for (const [name, { parts, isVector }] of groups) {
          const read: Column[] = [];
          for (const part of parts) {
            const values = await opened.get(part)!(count);
            const place = { path, name: part, firstRow, isText: texts.has(part) };
            read.push(isNameColumn(name, kinds) ? namesColumn(values) : columnFrom(values, place));
          }
          columns.set(name, isVector ? zipped(path, name, read) : read[0]!);
        }
        yield table(columns, path);
        firstRow += count;
      }
    }
  } finally {
    await file.close();
  }
}

interface Place {
  readonly path: string;
  readonly name: string;
  readonly firstRow: number;
  /** Whether the file says that it holds texts, which matters where all are missing. */
  readonly isText: boolean;
}

function columnFrom(values: ArrayLike<unknown> & Iterable<unknown>, place: Place): Column {
  if (
    values instanceof Float32Array ||
    values instanceof Float64Array ||
    values instanceof Int32Array ||
    values instanceof Uint8Array
  ) {
    return numberColumn(values);
  }
  const sample = firstPresent(values);
  if (typeof sample === "string" || (sample === undefined && place.isText)) {
    return textColumn(
      mapRows(values, place, (value) => (value == null ? "" : typeof value === "string" ? value : undefined)),
    );
  }
  if (isList(sample)) return vectorsFrom(values, sample.length, place);
  return numberColumn(Float64Array.from(mapRows(values, place, toNumber)));
}

function vectorsFrom(values: ArrayLike<unknown>, width: number, place: Place): VectorColumn {
  const data = new Float32Array(values.length * width);
  for (let row = 0; row < values.length; row++) {
    const list = values[row];
    if (!isList(list) || list.length !== width) {
      const given = isList(list) ? `${list.length} numbers` : "no list";
      throw new TableError(
        place.path,
        `column "${place.name}" has ${given}, but the first row has ${width}`,
        place.firstRow + row,
      );
    }
    for (let i = 0; i < width; i++) {
      const value = toNumber(list[i]);
      if (value === undefined) throw unusable(place, row, list[i]);
      data[row * width + i] = value;
    }
  }
  return vectorColumn(data, width);
}

/** Columns of numbers as the parts of vectors. */
function zipped(path: string, name: string, parts: readonly Column[]): VectorColumn {
  const numbers = parts.map((part, i) => {
    if (part.kind === "number") return part.data;
    throw new TableError(path, `column "${name}.${i}" holds a ${part.kind} in each row, but a vector holds numbers`);
  });
  const [{ length } = []] = numbers;
  const data = new Float32Array((length ?? 0) * parts.length);
  for (const [i, part] of numbers.entries())
    for (let row = 0; row < part.length; row++) data[row * parts.length + i] = part[row]!;
  return vectorColumn(data, parts.length);
}

function mapRows<T>(values: ArrayLike<unknown>, place: Place, f: (value: unknown) => T | undefined): T[] {
  return Array.from(values, (value, row) => {
    const mapped = f(value);
    if (mapped === undefined) throw unusable(place, row, value);
    return mapped;
  });
}

function unusable({ path, name, firstRow }: Place, row: number, value: unknown): TableError {
  const given = typeof value === "object" ? "a record" : `${typeof value} ${String(value)}`;
  return new TableError(
    path,
    `column "${name}" holds ${given}; numbers, texts and lists of numbers can be read`,
    firstRow + row,
  );
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  return value == null ? Number.NaN : undefined;
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

function firstPresent(values: Iterable<unknown>): unknown {
  for (const value of values) if (value != null) return value;
  return undefined;
}
