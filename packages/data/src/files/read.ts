import type { FileHandle } from "node:fs/promises";
import { promisify } from "node:util";
import { constants, gunzip, gunzipSync } from "node:zlib";
import { DatasetError, messageOf } from "../errors.ts";
import { cannotBeRead, openFile } from "./open.ts";

const inflate = promisify(gunzip);

/** Bytes that are asked for in one call: Node ends the process when it is asked for 2 GiB. */
const mostAtOnce = 2 ** 30;

/** The bytes of a file from an offset on: as many as asked for, or fewer where it ends before. */
export async function readBytes(handle: FileHandle, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, Math.min(length - filled, mostAtOnce), offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** Whether bytes begin like a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The contents of a file, unpacked if it is a gzip file whatever its name.
 *
 * @throws DatasetError when the file cannot be read, is a truncated or damaged gzip file, or unpacks to more than
 *   `sizeOf` says of its first bytes.
 */
export async function readMaybeGzip(path: string, sizeOf?: (beginning: Uint8Array) => number): Promise<Uint8Array> {
  const bytes = await readWhole(path);
  if (!isGzip(bytes)) return bytes;
  try {
    // A small file can unpack to gigabytes; what its format says of its length bounds that.
    return await inflate(bytes, sizeOf ? { maxOutputLength: Math.max(64, sizeOf(unpackBeginning(bytes))) } : {});
  } catch (cause) {
    if (cause instanceof DatasetError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw new DatasetError(path, "unpacks to more than its header says; it is damaged", { cause });
    }
    throw new DatasetError(path, `is a damaged or truncated gzip file (${messageOf(cause)}); fetch it again`, {
      cause,
    });
  }
}

/** What the first part of a gzip file unpacks to. A file that is no longer than the part must end in it. */
function unpackBeginning(bytes: Uint8Array): Uint8Array {
  const part = 4096;
  return gunzipSync(bytes.subarray(0, part), bytes.length > part ? { finishFlush: constants.Z_SYNC_FLUSH } : {});
}

async function readWhole(path: string): Promise<Uint8Array> {
  const { handle } = await openFile(path);
  try {
    return await handle.readFile();
  } catch (cause) {
    throw cannotBeRead(path, cause);
  } finally {
    await handle.close();
  }
}
