import { missingPath } from "../missing-path.ts";
import { joinTables } from "./join-tables.ts";
import { readNpy, readNpz, writeNpz } from "./numpy.ts";
import { readCsv } from "./read-csv.ts";
import type { ReadTableOptions } from "./read-options.ts";
import { readParquet } from "./read-parquet.ts";
import { type Table, TableError } from "./table.ts";
import { writeCsv } from "./write-csv.ts";
import { writeParquet } from "./write-parquet.ts";

/**
 * Reads a table in parts, by the ending of its name: `.csv`, `.tsv`, `.npy` (also with `.gz`), `.parquet`, `.npz`. Parts have the same
 * columns; a suite that adds up over them needs memory for one at a time.
 *
 * @throws TableError for other endings, where there is no such file, and what the readers throw.
 */
export function readTable(path: string, options: ReadTableOptions = {}): AsyncGenerator<Table> {
  const read = readerOf(path);
  const missing = missingPath(path);
  if (missing !== undefined) throw new TableError(path, missing);
  return read(path, options);
}

function readerOf(path: string): typeof readCsv {
  if (/\.[ct]sv(\.gz)?$/.test(path)) return readCsv;
  if (path.endsWith(".parquet")) return readParquet;
  if (/\.npy(\.gz)?$/.test(path)) return readNpy;
  if (path.endsWith(".npz")) return readNpz;
  throw new TableError(path, "has no ending of a table that can be read; give .csv, .tsv, .parquet, .npy or .npz");
}

/** Reads a whole table into memory; see {@link readTable}. */
export async function loadTable(path: string, options: ReadTableOptions = {}): Promise<Table> {
  const parts: Table[] = [];
  for await (const part of readTable(path, options)) parts.push(part);
  return joinTables(parts, path);
}

/**
 * Writes tables of the same columns as one file, by the ending of its name: `.csv`, `.parquet`, or `.npz` (which holds no texts, and
 * is put together in memory).
 *
 * @throws RangeError for other endings.
 */
export async function writeTable(path: string, parts: AsyncIterable<Table> | Iterable<Table>): Promise<void> {
  if (path.endsWith(".csv")) return writeCsv(path, parts);
  if (path.endsWith(".parquet")) return writeParquet(path, parts);
  if (!path.endsWith(".npz")) throw new RangeError(`${path} has no ending of a table; give .csv, .parquet or .npz`);
  const all: Table[] = [];
  for await (const part of parts) all.push(part);
  return writeNpz(path, joinTables(all, path));
}
