import type { FileHandle } from "node:fs/promises";
import type { Compressors, FileMetaData, SchemaTree } from "hyparquet";
import { checkPages } from "./parquet-pages.ts";
import { readBytes } from "./read.ts";

/** Values of a column: a typed array for numbers, else an array with null where there is no value. */
export type ParquetValues = ArrayLike<unknown> & Iterable<unknown>;

/** An open Parquet file, as far as pages are read from it. */
export interface PagedFile {
  readonly handle: FileHandle;
  readonly metadata: FileMetaData;
  readonly schema: SchemaTree;
  readonly compressors: Compressors;
}

/** Columns of a row group that are one list of pages: nested ones are several. */
export function chunksOf({ metadata }: Pick<PagedFile, "metadata">, column: string, group: number) {
  const chunks = metadata.row_groups[group]!.columns.flatMap(({ meta_data }) => meta_data ?? []);
  return chunks.filter(({ path_in_schema: [outermost] }) => outermost === column);
}

/**
 * The values of a column in a row group, page by page, where hyparquet's own reader takes whole row groups (of a million rows, as Arrow writes
 * them). Pages are decoded by its functions, which it exports, but does not promise to keep between minor versions. Of a list that goes on in the
 * next page the beginning waits for it.
 *
 * @throws RangeError for pages that are not what was written
 */
export async function* columnPages(file: PagedFile, column: string, group: number): AsyncGenerator<ParquetValues> {
  const [{ readPage }, { assembleNested }, { convert, DEFAULT_PARSERS: parsers }, { getTreePath, isFlatColumn }] =
    await Promise.all([
      import("hyparquet/src/column.js"),
      import("hyparquet/src/assemble.js"),
      import("hyparquet/src/convert.js"),
      import("hyparquet/src/schema.js"),
    ]);
  const chunk = chunksOf(file, column, group)[0]!;
  const schemaPath = getTreePath(file.schema, chunk.path_in_schema);
  const { element } = schemaPath.at(-1)!;
  // Text stays text by its logical type; bare byte arrays stay bytes.
  const decoder = {
    ...{ schemaPath, element, parsers, compressors: file.compressors, utf8: false },
    ...{ pathInSchema: chunk.path_in_schema, type: chunk.type, codec: chunk.codec },
  };
  const isFlat = isFlatColumn(schemaPath);
  const assembled = (rows: unknown[]): ParquetValues => {
    const parts = new Map([[chunk.path_in_schema.join("."), rows]]);
    assembleNested(parts as Parameters<typeof assembleNested>[0], schemaPath[1]!, parsers);
    return parts.get(column)!;
  };

  let dictionary: ReturnType<typeof convert> | undefined;
  let begun: unknown[] = [];
  for await (const { header, reader } of pagesOf(file.handle, chunk)) {
    if (header.type === "DICTIONARY_PAGE") {
      const { data } = readPage(reader, header, decoder, undefined, undefined, 0);
      dictionary = data && convert(data, decoder);
      continue;
    }
    const { data = [] } = readPage(reader, header, decoder, dictionary, isFlat ? undefined : begun, 0);
    if (isFlat) {
      yield data;
      continue;
    }
    const rows = data as unknown[];
    begun = rows.slice(-1);
    if (rows.length > 1) yield assembled(rows.slice(0, -1));
  }
  if (begun.length > 0) yield assembled(begun);
}

/** The pages of a column in a row group, each with its header, from the first to the last. */
async function* pagesOf(handle: FileHandle, chunk: ReturnType<typeof chunksOf>[number]) {
  const { parquetHeader } = await import("hyparquet/src/column.js");
  const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  const end = start + Number(chunk.total_compressed_size);
  for (let [at, page] = [start, 0]; at < end; page++) {
    const { header, size } = await headerAt(handle, at, end, parquetHeader);
    const bytes = await readBytes(handle, at, size + header.compressed_page_size);
    if (bytes.length < size + header.compressed_page_size) throw new RangeError("the file ends within a page");
    checkPages(bytes, page);
    yield { header, reader: { view: new DataView(bytes.buffer, size), offset: 0 } };
    at += bytes.length;
  }
}

/** The header of the page at a byte, and how many bytes it takes; statistics in it can make it long. */
async function headerAt<Header>(
  handle: FileHandle,
  at: number,
  end: number,
  parse: (reader: { view: DataView; offset: number }) => Header,
): Promise<{ header: Header; size: number }> {
  for (let length = 4096; ; length *= 16) {
    const { buffer } = await readBytes(handle, at, Math.min(length, end - at));
    const reader = { view: new DataView(buffer), offset: 0 };
    try {
      return { header: parse(reader), size: reader.offset };
    } catch (cause) {
      if (at + length >= end) throw cause;
    }
  }
}

/** Takes so many values at a time from what comes in pieces. */
export function taking(pieces: AsyncIterator<ParquetValues>): (count: number) => Promise<ParquetValues> {
  let rest: ParquetValues = [];
  return async (count) => {
    const taken: ParquetValues[] = [];
    for (let missing = count; missing > 0; ) {
      if (rest.length === 0) {
        const next = await pieces.next();
        if (next.done) throw new RangeError(`only ${count - missing} values; the file is damaged`);
        rest = next.value;
        continue;
      }
      const piece = part(rest, 0, missing);
      rest = part(rest, piece.length, rest.length);
      taken.push(piece);
      missing -= piece.length;
    }
    return taken.length === 1 ? taken[0]! : joined(taken);
  };
}

function part(values: ParquetValues, start: number, end: number): ParquetValues {
  return ArrayBuffer.isView(values)
    ? (values as unknown as Float32Array).subarray(start, end)
    : Array.prototype.slice.call(values, start, end);
}

/** Pieces as one: of numbers of one type as such. */
function joined(pieces: readonly ParquetValues[]): ParquetValues {
  const [first] = pieces;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const isTyped = ArrayBuffer.isView(first) && pieces.every((piece) => piece.constructor === first.constructor);
  const values: { [at: number]: unknown } & ParquetValues = isTyped
    ? new (first.constructor as new (length: number) => Float32Array)(length)
    : new Array<unknown>(length);
  let at = 0;
  for (const piece of pieces) for (const value of piece) values[at++] = value;
  return values;
}
