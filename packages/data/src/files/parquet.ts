import type { FileHandle } from "node:fs/promises";
import type { AsyncBuffer, Compressors, FileMetaData, ParquetScan, SchemaTree } from "hyparquet";
import { DatasetError, messageOf } from "../errors.ts";
import { openFile } from "./open.ts";
import { chunksOf, columnPages, type ParquetValues, taking } from "./parquet-column.ts";
import { checkPages, chunkEnds } from "./parquet-pages.ts";
import { readBytes } from "./read.ts";

/** An open Parquet file that reads single values, keeping the row groups used last. */
export class ParquetFile {
  /** Columns of row groups by "column/group", the one used last at the end. */
  readonly #kept = new Map<string, Promise<ParquetValues>>();
  /** Row after the last of each group. */
  readonly #groupEnds: readonly number[];

  private constructor(
    readonly path: string,
    readonly handle: FileHandle,
    readonly scan: ParquetScan,
    readonly schema: SchemaTree,
    readonly compressors: Compressors,
    readonly keepBytes: number,
  ) {
    let rows = 0;
    this.#groupEnds = scan.metadata.row_groups.map((group) => {
      rows += Number(group.num_rows);
      return rows;
    });
  }

  /**
   * Opens a file and reads its metadata.
   *
   * @throws DatasetError when the file cannot be read or is not a whole Parquet file.
   */
  static async open(path: string, keepBytes = 0): Promise<ParquetFile> {
    const { handle, size } = await openFile(path);
    try {
      const unchecked = new Map<number, number>();
      const file = bufferOf(handle, size, unchecked);
      // Loaded here, so that workers on other formats start without them.
      const [{ parquetScan, parquetSchema }, { compressors }] = await Promise.all([
        import("hyparquet"),
        import("hyparquet-compressors"),
      ]);
      // Text stays text by its logical type; bare byte arrays stay bytes.
      const scan = await parquetScan({ file, compressors, utf8: false });
      for (const [start, end] of chunkEnds(scan.metadata)) unchecked.set(start, end);
      return new ParquetFile(path, handle, scan, parquetSchema(scan.metadata), compressors, keepBytes);
    } catch (cause) {
      await handle.close();
      throw new DatasetError(path, `is not a whole Parquet file (${messageOf(cause)})`, { cause });
    }
  }

  get metadata(): FileMetaData {
    return this.scan.metadata;
  }

  /** Names of the columns, nested ones by their outermost name. */
  get columns(): string[] {
    return topLevelColumns(this.metadata);
  }

  /** Number of row groups: parts that are read as a whole. */
  get groups(): number {
    return this.#groupEnds.length;
  }

  /** @throws DatasetError that lists the columns when there is none of this name. */
  requireColumn(name: string): void {
    const { columns } = this;
    if (!columns.includes(name)) {
      throw new DatasetError(this.path, `has no column "${name}"; it has ${columns.join(", ")}`);
    }
  }

  /** All values of a column, row group by row group. */
  async *column(name: string): AsyncGenerator<unknown> {
    for (const group of this.#groupEnds.keys()) yield* await this.readGroup(name, group);
  }

  /** The value of a column in a row. */
  async valueAt(name: string, row: number): Promise<unknown> {
    const group = this.#groupEnds.findIndex((end) => row < end);
    const key = `${name}/${group}`;
    const values = this.#kept.get(key) ?? this.readGroup(name, group);
    this.#kept.delete(key);
    this.#kept.set(key, values);
    this.#forgetOldest();
    return (await values)[row - (this.#groupEnds[group - 1] ?? 0)];
  }

  /** A column's values in one row group: a typed array for numbers, else an array with null where there is no value. */
  async readGroup(column: string, group: number): Promise<ParquetValues> {
    const [rowStart, rowEnd] = this.#rowsOf(group);
    return this.#naming(column, group, async () => {
      const values = (await this.scan.readColumn({ column, rowStart, rowEnd })) as ParquetValues;
      if (values.length !== rowEnd - rowStart)
        throw new RangeError(`only ${values.length} values; the file is damaged`);
      return values;
    });
  }

  /**
   * A column's values in one row group, in order, so many at a time: of a group of any size about a page is in memory. Of columns that are nested
   * otherwise than lists are, the whole group is.
   */
  openGroup(column: string, group: number): (count: number) => Promise<ParquetValues> {
    const isOne = chunksOf(this, column, group).length === 1;
    const whole = async function* (file: ParquetFile) {
      yield await file.readGroup(column, group);
    };
    const take = taking(isOne ? columnPages(this, column, group) : whole(this));
    return (count) => this.#naming(column, group, () => take(count));
  }

  /** Rows of a group, and numbers or texts in all columns of a row, of lists as many as they have on average. */
  sizeOfGroup(group: number): { rows: number; width: number } {
    const [start, end] = this.#rowsOf(group);
    const columns = this.metadata.row_groups[group]!.columns;
    const values = columns.reduce((sum, { meta_data }) => sum + Number(meta_data?.num_values ?? 0), 0);
    return { rows: end - start, width: values / Math.max(1, end - start) };
  }

  /** The first row of a group, and that after its last. */
  #rowsOf(group: number): [start: number, end: number] {
    return [this.#groupEnds[group - 1] ?? 0, this.#groupEnds[group]!];
  }

  /** What `read` gives. @throws DatasetError naming column and rows where it throws */
  async #naming<Result>(column: string, group: number, read: () => Promise<Result>): Promise<Result> {
    try {
      return await read();
    } catch (cause) {
      if (cause instanceof DatasetError) throw cause;
      const [start, end] = this.#rowsOf(group);
      throw new DatasetError(this.path, `column "${column}", rows ${start} to ${end - 1}: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  async close(): Promise<void> {
    this.#kept.clear();
    await this.handle.close();
  }

  /** Keeps the last group whatever its size: the next sample may well lie in it. */
  #forgetOldest(): void {
    const sizeOf = (key: string) => {
      const columns = this.metadata.row_groups[Number(key.slice(key.lastIndexOf("/") + 1))]!.columns;
      return columns.reduce((sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0), 0);
    };
    let bytes = [...this.#kept.keys()].reduce((sum, key) => sum + sizeOf(key), 0);
    for (const key of [...this.#kept.keys()].slice(0, -1)) {
      if (bytes <= this.keepBytes) return;
      bytes -= sizeOf(key);
      this.#kept.delete(key);
    }
  }
}

function topLevelColumns({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  let at = 1;
  const skip = (): void => {
    const children = schema[at++]?.num_children ?? 0;
    for (let child = 0; child < children; child++) skip();
  };
  while (at < schema.length) {
    names.push(schema[at]!.name);
    skip();
  }
  return names;
}

/**
 * What hyparquet reads from: byte ranges of the open file.
 *
 * @param unchecked columns of row groups, their ends by their starts, whose checksums are compared when they are first read as a whole; the
 *   reader parses checksums, and does not compare them
 */
function bufferOf(handle: FileHandle, byteLength: number, unchecked: Map<number, number>): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = await readBytes(handle, start, end - start);
      if (bytes.length !== end - start) throw new RangeError(`the file ends before byte ${end}`);
      for (let at = start; at < end; ) {
        const chunkEnd = unchecked.get(at);
        if (chunkEnd === undefined || chunkEnd > end) break;
        checkPages(bytes.subarray(at - start, chunkEnd - start));
        unchecked.delete(at);
        at = chunkEnd;
      }
      return bytes.buffer;
    },
  };
}
