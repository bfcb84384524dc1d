import type { FileHandle } from "node:fs/promises";
import { DatasetError } from "../errors.ts";
import { openFile } from "./open.ts";
import { isGzip, readBytes } from "./read.ts";

const block = 512;
const windowBytes = 64 * 1024;
/** A name or a list of facts about a file is no longer than this. */
const mostExtendedBytes = 2 ** 20;

/** A file inside a tar archive. */
export interface TarEntry {
  readonly name: string;
  /** First byte of its contents within the archive. */
  readonly offset: number;
  readonly size: number;
}

/**
 * The regular files of a tar archive, found by walking its headers: ustar, pax (`path`, `size`) and GNU long names.
 * Folders are passed over.
 *
 * @throws DatasetError for what is not a tar archive, a truncated one, a wrong header checksum, links and devices, and for
 * names that lead out of the archive (absolute, or through `..`).
 */
export async function indexTar(path: string): Promise<TarEntry[]> {
  const { handle, size } = await openFile(path);
  try {
    return await walk(path, handle, size);
  } finally {
    await handle.close();
  }
}

async function walk(path: string, handle: FileHandle, archiveBytes: number): Promise<TarEntry[]> {
  const read = windowedReader(handle);
  const entries: TarEntry[] = [];
  /** What an extended header before the entry says of it. */
  let name: string | undefined;
  let size: number | undefined;
  let offset = 0;
  if (isGzip(await read(0, 2))) {
    throw new DatasetError(
      path,
      "is compressed, and an image inside could not be found without unpacking all before it; gunzip it",
    );
  }
  while (offset + block <= archiveBytes) {
    const bytes = await read(offset, block);
    // A block of zeros ends the archive.
    if (bytes.every((byte) => byte === 0)) return entries;
    const header = parseHeader(path, bytes, offset);
    const entrySize = size ?? header.size;
    const contents = offset + block;
    const entryName = name ?? header.name;
    if (!Number.isSafeInteger(entrySize) || entrySize < 0) {
      throw new DatasetError(path, `"${entryName}" has the size ${entrySize}; the archive is damaged`);
    }
    if (contents + entrySize > archiveBytes) {
      throw new DatasetError(
        path,
        `is truncated: "${entryName}" should end at byte ${contents + entrySize} of ${archiveBytes}`,
      );
    }
    if ("xL".includes(header.type) && entrySize > mostExtendedBytes) {
      throw new DatasetError(
        path,
        `has an extended header of ${entrySize} bytes at byte ${offset}, and names are at most ${mostExtendedBytes} long; the archive is damaged`,
      );
    }
    switch (header.type) {
      case "x": {
        const fields = parsePax(await read(contents, entrySize));
        name = fields.get("path") ?? name;
        if (fields.has("size")) size = Number(fields.get("size"));
        break;
      }
      case "L":
        name = text(await read(contents, entrySize));
        break;
      case "g":
        break;
      case "0":
      case "5":
        if (header.type === "0") entries.push({ name: safeName(path, entryName), offset: contents, size: entrySize });
        name = undefined;
        size = undefined;
        break;
      default:
        throw new DatasetError(
          path,
          `"${entryName}" is a link or device (type "${header.type}"); only plain files are read`,
        );
    }
    offset = contents + Math.ceil(entrySize / block) * block;
  }
  throw new DatasetError(path, `is truncated: it has no end-of-archive block after ${entries.length} files`);
}

/** Reads at growing offsets through a window, so that many small entries cost one read. */
function windowedReader(handle: FileHandle): (offset: number, length: number) => Promise<Uint8Array> {
  let window = new Uint8Array(0);
  let start = 0;
  return async (offset, length) => {
    if (offset < start || offset + length > start + window.length) {
      window = await readBytes(handle, offset, Math.max(length, windowBytes));
      start = offset;
    }
    return window.subarray(offset - start, offset - start + length);
  };
}

interface Header {
  readonly name: string;
  readonly size: number;
  /** Type flag; "0" for a plain file however old the archive. */
  readonly type: string;
}

/** POSIX.1-1988 layout: name 100, size 12 at 124, checksum 8 at 148, type at 156, magic at 257, prefix 155 at 345. */
function parseHeader(path: string, bytes: Uint8Array, offset: number): Header {
  const sum = bytes.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
  const expected = Number.parseInt(text(bytes.subarray(148, 156)), 8);
  if (sum !== expected) {
    throw new DatasetError(
      path,
      `has no valid tar header at byte ${offset} (checksum ${expected}, bytes add up to ${sum})`,
    );
  }
  const prefix = text(bytes.subarray(257, 262)) === "ustar" && bytes[262] === 0 ? text(bytes.subarray(345, 500)) : "";
  const name = text(bytes.subarray(0, 100));
  const flag = String.fromCharCode(bytes[156]!);
  const type = flag === "\0" || flag === "7" ? "0" : flag;
  return { name: prefix === "" ? name : `${prefix}/${name}`, size: parseSize(bytes.subarray(124, 136)), type };
}

/** Octal digits, or a big-endian number after a byte 0x80 for sizes of 8 GiB and more. */
function parseSize(bytes: Uint8Array): number {
  if (bytes[0] !== 0x80) return Number.parseInt(text(bytes).trim() || "0", 8);
  return bytes.subarray(1).reduce((value, byte) => value * 256 + byte, 0);
}

/** Records of "length key=value" and a line feed; the length counts the whole record. */
function parsePax(bytes: Uint8Array): Map<string, string> {
  const fields = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number.parseInt(text(bytes.subarray(at, space)), 10);
    if (space < 0 || !(length > 0)) break;
    const record = text(bytes.subarray(space + 1, at + length - 1));
    const equals = record.indexOf("=");
    fields.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return fields;
}

/** UTF-8 up to the first zero. */
function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString("utf8");
}

/** The name without a leading "./"; refused where it would leave the folder that the archive stands for. */
function safeName(path: string, name: string): string {
  if (name === "" || /^([/\\]|[a-zA-Z]:)/.test(name) || name.split(/[/\\]/).includes("..")) {
    throw new DatasetError(path, `has a file named "${name}", which leads out of the archive; do not trust it`);
  }
  return name.replace(/^(\.\/)+/, "");
}
