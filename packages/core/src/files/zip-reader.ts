import type { RandomAccessFile } from "./byte-source.ts";
import { FileFormatError } from "./file-format-error.ts";
import { extra64, lengths, marker, signatures, type ZipEntry } from "./zip-format.ts";

/** Where the directory of an archive lies. */
interface Directory {
  readonly count: number;
  readonly start: number;
  readonly size: number;
}

/** Longest comment after the last record. */
const longestComment = 0xffff;

/** A directory of more is not one of arrays. */
const largestDirectory = 2 ** 28;

/** Deflate packs at most 1032 bytes into one (258 bytes into two bits). */
const greatestExpansion = 1032;

async function bytesAt(file: RandomAccessFile, position: number, length: number): Promise<Buffer> {
  if (position < 0 || position + length > file.size) {
    throw new FileFormatError(file.path, `points to bytes ${position} to ${position + length}, but has ${file.size}`);
  }
  const bytes = Buffer.alloc(length);
  await file.readAt(position, bytes);
  return bytes;
}

/** A 64-bit number, which beyond 2⁵³ lies outside of any file. */
function wide(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}

/** Finds the last record, which points to the directory. */
async function findDirectory(file: RandomAccessFile): Promise<Directory> {
  const tailLength = Math.min(file.size, lengths.end + longestComment);
  const tailStart = file.size - tailLength;
  const tail = await bytesAt(file, tailStart, tailLength);
  for (let at = tailLength - lengths.end; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== signatures.end) continue;
    if (at + lengths.end + tail.readUInt16LE(at + 20) !== tailLength) continue;
    const count = tail.readUInt16LE(at + 10);
    const size = tail.readUInt32LE(at + 12);
    const start = tail.readUInt32LE(at + 16);
    const isWide = count === marker.half || size === marker.word || start === marker.word;
    return (isWide ? await findWideDirectory(file, tailStart + at) : undefined) ?? { count, start, size };
  }
  throw new FileFormatError(file.path, "is no zip archive, or its end is cut off");
}

/** The directory by the 64-bit records that precede the last one, if they are there. */
async function findWideDirectory(file: RandomAccessFile, end: number): Promise<Directory | undefined> {
  if (end < lengths.locator64) return undefined;
  const locator = await bytesAt(file, end - lengths.locator64, lengths.locator64);
  if (locator.readUInt32LE(0) !== signatures.locator64) return undefined;
  const record = await bytesAt(file, wide(locator, 8), lengths.end64);
  if (record.readUInt32LE(0) !== signatures.end64) throw new FileFormatError(file.path, "has a damaged zip64 record");
  return { count: wide(record, 32), size: wide(record, 40), start: wide(record, 48) };
}

/** Replaces marked values by those of the 64-bit extra field, which holds them in the order of the fields. */
function widen(path: string, values: readonly number[], extra: Buffer): number[] {
  if (!values.includes(marker.word)) return [...values];
  for (let at = 0; at + 4 <= extra.length; ) {
    const size = extra.readUInt16LE(at + 2);
    const field = extra.subarray(at + 4, at + 4 + size);
    if (extra.readUInt16LE(at) === extra64) {
      let next = 0;
      return values.map((value) => {
        if (value !== marker.word) return value;
        if (next + 8 > field.length) throw new FileFormatError(path, "has a zip64 field that is too short");
        next += 8;
        return wide(field, next - 8);
      });
    }
    at += 4 + size;
  }
  return [...values];
}

/** One record of the directory, and where the next begins. */
function parseEntry(path: string, directory: Buffer, at: number): { entry: ZipEntry; end: number } {
  if (at + lengths.central > directory.length || directory.readUInt32LE(at) !== signatures.central) {
    throw new FileFormatError(path, `has a damaged directory (record at byte ${at} of it)`);
  }
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field)) as [
    number,
    number,
    number,
  ];
  const nameStart = at + lengths.central;
  const extraStart = nameStart + nameLength;
  const end = extraStart + extraLength + commentLength;
  if (end > directory.length) throw new FileFormatError(path, "has a damaged directory (a record runs over its end)");
  const nameBytes = directory.subarray(nameStart, extraStart);
  let name: string;
  try {
    name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(nameBytes);
  } catch {
    throw new FileFormatError(path, `has an entry whose name is not UTF-8 (${nameBytes.toString("hex")})`);
  }
  const fail = (problem: string) => new FileFormatError(path, `entry "${name}" ${problem}`);
  if (directory.readUInt16LE(at + 8) & 1) throw fail("is encrypted");
  const method = directory.readUInt16LE(at + 10);
  if (method !== 0 && method !== 8)
    throw fail(`is packed by method ${method}; only stored and deflated ones can be read`);

  const fields = [directory.readUInt32LE(at + 24), directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 42)];
  const [size, packedSize, offset] = widen(path, fields, directory.subarray(extraStart, extraStart + extraLength)) as [
    number,
    number,
    number,
  ];
  if (method === 0 && size !== packedSize) throw fail(`is stored, but its sizes ${size} and ${packedSize} differ`);
  if (method === 8 && size > packedSize * greatestExpansion) {
    throw fail(`claims to unpack ${packedSize} bytes into ${size}, more than deflate can`);
  }
  const checksum = directory.readUInt32LE(at + 16);
  return { entry: { name, method: method === 0 ? "stored" : "deflated", checksum, packedSize, size, offset }, end };
}

/** Entries may not share bytes: overlaps are how small archives claim huge contents. */
function checkOverlaps(path: string, entries: readonly ZipEntry[], directoryStart: number): void {
  const ordered = [...entries].sort((a, b) => a.offset - b.offset);
  for (const [i, { name, offset, packedSize }] of ordered.entries()) {
    const limit = ordered[i + 1]?.offset ?? directoryStart;
    if (offset + lengths.local + packedSize > limit) {
      throw new FileFormatError(
        path,
        `entry "${name}" of ${packedSize} bytes at byte ${offset} runs into what follows it`,
      );
    }
  }
}

/**
 * The entries of a zip archive, from its directory alone.
 *
 * @throws FileFormatError when the directory is damaged or contradicts the file's size.
 */
export async function readDirectory(file: RandomAccessFile): Promise<ZipEntry[]> {
  const { count, start, size } = await findDirectory(file);
  if (size > largestDirectory || count * lengths.central > size) {
    throw new FileFormatError(file.path, `has an implausible directory: ${count} entries in ${size} bytes`);
  }
  const directory = await bytesAt(file, start, size);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  for (let at = 0; entries.length < count; ) {
    const { entry, end } = parseEntry(file.path, directory, at);
    if (names.has(entry.name)) throw new FileFormatError(file.path, `has two entries named "${entry.name}"`);
    names.add(entry.name);
    entries.push(entry);
    at = end;
  }
  checkOverlaps(file.path, entries, start);
  return entries;
}

/** Where an entry's bytes begin: behind its local header, whose own lengths count. */
export async function contentStart(file: RandomAccessFile, { name, offset, packedSize }: ZipEntry): Promise<number> {
  const header = await bytesAt(file, offset, lengths.local);
  if (header.readUInt32LE(0) !== signatures.local) {
    throw new FileFormatError(file.path, `entry "${name}" has no header at byte ${offset}`);
  }
  const start = offset + lengths.local + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + packedSize > file.size)
    throw new FileFormatError(file.path, `entry "${name}" runs over the end of the file`);
  return start;
}
