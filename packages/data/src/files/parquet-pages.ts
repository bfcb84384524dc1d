import { crc32 } from "node:zlib";
import type { FileMetaData } from "hyparquet";

/** Where the pages of every column and row group lie in a Parquet file: the byte after their last by that of their first. */
export function chunkEnds({ row_groups }: FileMetaData): Map<number, number> {
  const ends = new Map<number, number>();
  for (const { meta_data } of row_groups.flatMap(({ columns }) => columns)) {
    if (meta_data === undefined) continue;
    const { dictionary_page_offset, data_page_offset, total_compressed_size } = meta_data;
    const start = Number(dictionary_page_offset || data_page_offset);
    ends.set(start, start + Number(total_compressed_size));
  }
  return ends;
}

/**
 * Compares pages with their checksums, as far as the writer gave some: Java's writers do, Arrow's on demand
 * (`write_page_checksum`). What cannot be read as pages is left for the reader to complain of.
 *
 * @param bytes pages of one column in one row group, one after the other
 * @param first number of the first of them, for messages
 * @throws RangeError naming the page that is not what was written
 */
export function checkPages(bytes: Uint8Array, first = 0): void {
  for (let [page, start] = [first, 0]; start < bytes.length; page++) {
    const header = pageHeader(bytes, start);
    if (header === undefined || header.end + header.size > bytes.length) return;
    const body = bytes.subarray(header.end, header.end + header.size);
    if (header.checksum !== undefined && crc32(body) !== header.checksum) {
      throw new RangeError(`page ${page} does not have the checksum that it was written with; fetch the file again`);
    }
    start = header.end + header.size;
  }
}

/** What is needed of a page's header. */
interface PageHeader {
  /** Bytes of the page. */
  readonly size: number;
  /** CRC-32 of these bytes. */
  readonly checksum: number | undefined;
  /** Where the page begins. */
  readonly end: number;
}

/** Numbers of the fields of `PageHeader` in `parquet.thrift`. */
const [sizeField, checksumField] = [3, 4];

/** The header that begins at a byte; undefined where there is none. */
function pageHeader(bytes: Uint8Array, start: number): PageHeader | undefined {
  const reader = new CompactReader(bytes, start);
  const found = new Map<number, number>();
  reader.struct((field) => {
    if (field !== sizeField && field !== checksumField) return false;
    found.set(field, reader.integer());
    return true;
  });
  const [size, checksum] = [found.get(sizeField), found.get(checksumField)];
  // Where it left the bytes, these were no header.
  if (!(reader.at <= bytes.length) || size === undefined || size < 0) return undefined;
  return { size, checksum: checksum === undefined ? undefined : checksum >>> 0, end: reader.at };
}

/** Types of Thrift's compact protocol, and those between them. */
const [booleans, byte, i16, i64, double, binary, list, set, struct] = [2, 3, 4, 6, 7, 8, 9, 10, 12];

/** Reads as much of Thrift's compact protocol as it takes to pass over what a header holds besides. */
class CompactReader {
  constructor(
    readonly bytes: Uint8Array,
    /** The next byte; NaN after a type that there is none of. */
    public at: number,
  ) {}

  /** Calls `read` with the number of each field, and passes over those that it does not read. */
  struct(read: (field: number) => boolean = () => false): void {
    for (let field = 0; this.at < this.bytes.length; ) {
      const head = this.#byte();
      if (head === 0) return;
      field = head >> 4 === 0 ? this.integer() : field + (head >> 4);
      if (!read(field)) this.#skip(head & 15);
    }
  }

  /** A whole number, whose sign is in the lowest bit. */
  integer(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  #byte(): number {
    return this.bytes[this.at++] ?? 0;
  }

  #varint(): number {
    for (let [value, factor] = [0, 1]; ; factor *= 128) {
      const next = this.#byte();
      value += (next & 127) * factor;
      if (next < 128) return value;
    }
  }

  #skip(type: number): void {
    // The value of a boolean is its type.
    if (type <= booleans) return;
    if (type === byte) this.at += 1;
    else if (type >= i16 && type <= i64) this.#varint();
    else if (type === double) this.at += 8;
    else if (type === binary) {
      const length = this.#varint();
      this.at += length;
    } else if (type === list || type === set) this.#skipList();
    else if (type === struct) this.struct();
    else this.at = Number.NaN;
  }

  #skipList(): void {
    const head = this.#byte();
    const length = head >> 4 === 15 ? this.#varint() : head >> 4;
    for (let i = 0; i < length && this.at < this.bytes.length; i++) {
      // In lists, unlike in fields, booleans have a byte of their own.
      if ((head & 15) <= booleans) this.at += 1;
      else this.#skip(head & 15);
    }
  }
}
