import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { FileFormatError, type HostTensor, type NpzFile, openNpy, openNpz, saveNpz } from "@vitscale/core";
import { type Column, type NumberColumn, numberColumn, textColumn, vectorColumn } from "./column.ts";
import { tableNames } from "./column-names.ts";
import { isLookedFor, isNameColumn, namesColumn } from "./name-columns.ts";
import { type ReadTableOptions, rowsOfPart } from "./read-options.ts";
import { requireOneLength, type Table, TableError, table } from "./table.ts";

/**
 * Reads an npy file in parts of rows, also gzipped: an array [rows, width] is the column `scores`, of integers the column `top` (classes, best
 * first), and an array [rows] is the column `label`.
 *
 * @throws TableError for arrays of other ranks, and for what cannot be unpacked
 */
export async function* readNpy(path: string, options: ReadTableOptions = {}): AsyncGenerator<Table> {
  if (!path.endsWith(".gz")) return yield* readRows(path, path, options);
  // Rows are read from where they lie, which a stream cannot do.
  const folder = await mkdtemp(join(tmpdir(), "vitscale-npy-"));
  const unpacked = join(folder, "array.npy");
  try {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(unpacked));
    yield* readRows(unpacked, path, options);
  } catch (cause) {
    if (cause instanceof TableError || (cause as NodeJS.ErrnoException).code === "ENOENT") throw cause;
    throw new TableError(
      path,
      `cannot be unpacked and read: ${(cause as Error).message.replaceAll(unpacked, "the array")}`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* readRows(file: string, name: string, { names, ...options }: ReadTableOptions): AsyncGenerator<Table> {
  const array = await openNpy(file);
  try {
    const [rows = 0, width = 1] = array.shape;
    const partRows = rowsOfPart(width, options);
    requireRank(array.shape, name, "array");
    const isInteger = /^u?int/.test(array.format);
    const plain = array.shape.length === 1 ? "label" : isInteger ? "top" : "scores";
    const column = tableNames([plain], name, names)(plain);
    for (let start = 0; start === 0 || start < rows; start += partRows) {
      const part = await array.read({ convert: true, start, end: Math.min(rows, start + partRows) });
      yield table({ [column]: columnFrom(part) }, name);
    }
  } finally {
    await array.close();
  }
}

/**
 * Reads an npz archive in parts of rows: every array is a column, an array [rows] of numbers or texts (of numbers too where they name things,
 * such as `image`) and an array [rows, width] of vectors. An array that cannot be read is left out unless suites look for its name.
 *
 * @throws TableError for arrays of other ranks, and when they have not all as many rows; FileFormatError for an array that is looked for and
 *   cannot be read
 */
export async function* readNpz(path: string, options: ReadTableOptions = {}): AsyncGenerator<Table> {
  const { names, kinds } = options;
  const archive = await openNpz(path);
  const opened = new Map<string, OpenedColumn>();
  try {
    const nameOf = tableNames(archive.names, path, names);
    const leftOut = new Map<string, string>();
    for (const own of archive.names) {
      const name = nameOf(own);
      try {
        opened.set(name, await openColumn(archive, own, isNameColumn(name, kinds)));
      } catch (error) {
        if (!(error instanceof FileFormatError) || isLookedFor(name, kinds)) throw error;
        leftOut.set(name, `${error.message.replace(`${path}: `, "")}; write texts as .csv or .parquet`);
      }
    }
    const shapes = [...opened].map(([name, { shape }]) => [name, shape[0]!] as const);
    const rows = requireOneLength(shapes, path);
    const partRows = rowsOfPart(
      [...opened.values()].reduce((sum, { shape: [, width = 1] }) => sum + width, 0),
      options,
    );
    for (let start = 0; start === 0 || start < rows; start += partRows) {
      const columns = new Map<string, Column>();
      for (const [name, { read }] of opened) columns.set(name, await read(partRows));
      yield { ...table(columns, path), ...(leftOut.size > 0 && { leftOut }) };
    }
  } finally {
    for (const column of opened.values()) column.close();
    await archive.close();
  }
}

/** An array of an archive that is read as a column, some rows after the other. */
interface OpenedColumn {
  readonly shape: readonly number[];
  read(rows: number): Promise<Column>;
  close(): void;
}

/** @throws TableError for arrays of other ranks; FileFormatError for an array of neither numbers nor texts */
async function openColumn(archive: NpzFile, name: string, isName: boolean): Promise<OpenedColumn> {
  const { format, shape } = await archive.describe(name);
  requireRank(shape, archive.path, `array "${name}"`);
  if (format === "text") {
    const texts = await archive.openTexts(name);
    return { shape, read: async (rows) => textColumn(await texts.read(rows)), close: () => texts.close() };
  }
  const numbers = await archive.openRows(name, { convert: true });
  return {
    shape,
    async read(rows) {
      const part = await numbers.read(rows);
      return isName && shape.length === 1 ? namesColumn(part.data) : columnFrom(part);
    },
    close: () => numbers.close(),
  };
}

/**
 * Writes a table as an npz archive: whole numbers as int32, others as float32.
 *
 * @throws TableError for columns of texts, which are written to .csv and .parquet only, and for whole numbers that int32 has not.
 */
export async function writeNpz(path: string, { columns, length, name: where }: Table): Promise<void> {
  const tensors = [...columns].map(([name, column]): [string, HostTensor] => {
    switch (column.kind) {
      case "number":
        return [name, numbersTensor(column.data, where, name)];
      case "vector":
        return [name, { dtype: "float32", shape: [length, column.width], data: column.data }];
      case "text":
        throw new TableError(
          where,
          `column "${name}" holds texts, which are not written to npz; write it as .parquet or .csv`,
        );
      default:
        return column satisfies never;
    }
  });
  await saveNpz(path, tensors);
}

/** Numbers of a column, [rows]. Whole ones that are not float32 already stay what they are: beyond 2²⁴ float32 has not all of them. */
function numbersTensor(data: NumberColumn["data"], where: string, name: string): HostTensor {
  const shape = [data.length];
  if (data instanceof Float32Array || !data.every((value: number) => Number.isInteger(value))) {
    return { dtype: "float32", shape, data: Float32Array.from(data) };
  }
  const outside = data.findIndex((value) => value !== (value | 0));
  if (outside >= 0) {
    const problem = `column "${name}" is ${data[outside]}, a whole number beyond those of int32; write it as .parquet or .csv`;
    throw new TableError(where, problem, outside);
  }
  return { dtype: "int32", shape, data: Int32Array.from(data) };
}

function requireRank(shape: readonly number[], path: string, name: string): void {
  if (shape.length === 1 || shape.length === 2) return;
  throw new TableError(path, `${name} is [${shape}]; give [rows] or [rows, width]`);
}

/** A column of an array [rows] or [rows, width]. */
function columnFrom({ shape, dtype, data }: HostTensor): Column {
  if (shape.length === 1)
    return numberColumn(dtype === "bool" ? Int32Array.from(data) : (data as Float32Array | Int32Array));
  return vectorColumn(dtype === "float32" ? (data as Float32Array) : Float32Array.from(data), shape[1]!);
}
