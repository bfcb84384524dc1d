import { access, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { DatasetError, messageOf } from "../errors.ts";

const inflate = promisify(gunzip);

/** Whether bytes begin like a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The contents of a file, unpacked if it is a gzip file whatever its name.
 *
 * @throws DatasetError when the file cannot be read, or is a truncated or damaged gzip file.
 */
export async function readMaybeGzip(path: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new DatasetError(path, `cannot be read (${messageOf(cause)})`, { cause });
  }
  if (!isGzip(bytes)) return bytes;
  try {
    return await inflate(bytes);
  } catch (cause) {
    throw new DatasetError(path, `is a damaged or truncated gzip file (${messageOf(cause)}); fetch it again`, {
      cause,
    });
  }
}

/**
 * The first of several paths that exists: data sets come under many file names.
 *
 * @throws DatasetError that lists all of them.
 */
export async function firstExisting(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    try {
      await access(path);
      return path;
    } catch {
      // The next candidate.
    }
  }
  throw new DatasetError(
    paths[0] ?? "",
    `is not there${paths.length > 1 ? `, nor is ${paths.slice(1).join(", ")}` : ""}; fetch the data set first`,
  );
}
