import type { FileHandle } from "node:fs/promises";
import type { AsyncBuffer, FileMetaData, ParquetScan } from "hyparquet";
import { DatasetError, messageOf } from "../errors.ts";
import { openFile } from "./open.ts";
import { checkPages, chunkEnds } from "./parquet-pages.ts";
import { readBytes } from "./read.ts";

/** An open Parquet file that reads single values, keeping the row groups used last. */
export class ParquetFile {
  /** Columns of row groups by "column/group", the one used last at the end. */
  readonly #kept = new Map<string, Promise<ArrayLike<unknown>>>();
  /** Row after the last of each group. */
  readonly #groupEnds: readonly number[];

  private constructor(
    readonly path: string,
    readonly handle: FileHandle,
    readonly scan: ParquetScan,
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
      const [{ parquetScan }, { compressors }] = await Promise.all([
        import("hyparquet"),
        import("hyparquet-compressors"),
      ]);
      // Text stays text by its logical type; bare byte arrays stay bytes.
      const scan = await parquetScan({ file, compressors, utf8: false });
      for (const [start, end] of chunkEnds(scan.metadata)) unchecked.set(start, end);
      return new ParquetFile(path, handle, scan, keepBytes);
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
  async readGroup(column: string, group: number): Promise<ArrayLike<unknown> & Iterable<unknown>> {
    const [rowStart, rowEnd] = [this.#groupEnds[group - 1] ?? 0, this.#groupEnds[group]!];
    try {
      const values = (await this.scan.readColumn({ column, rowStart, rowEnd })) as ArrayLike<unknown> &
        Iterable<unknown>;
      if (values.length !== rowEnd - rowStart)
        throw new RangeError(`only ${values.length} values; the file is damaged`);
      return values;
    } catch (cause) {
      const rows = `column "${column}", rows ${rowStart} to ${rowEnd - 1}`;
      throw new DatasetError(this.path, `${rows}: ${messageOf(cause)}`, { cause });
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
