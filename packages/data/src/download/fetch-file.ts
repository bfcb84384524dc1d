import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { DatasetError, messageOf } from "../errors.ts";

/** How far a file has come. */
export interface Progress {
  readonly file: string;
  readonly receivedBytes: number;
  /** Undefined where the server does not say. */
  readonly totalBytes: number | undefined;
}

/** Options of {@link fetchFile}. */
export interface FetchOptions {
  /** Hexadecimal SHA-256 of the whole file. */
  readonly sha256: string;
  /** Name for progress reports. */
  readonly name: string;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** Connections that may break before giving up; each continues where the last one broke. */
  readonly attempts?: number;
}

/**
 * Fetches a file to a path, unless it is there already. Returns the number of bytes that came over the network.
 *
 * What has arrived is kept beside the path as `.part`, and a later call continues after it by HTTP Range. Only a file with
 * the right SHA-256 gets its name, in one step: no reader ever sees half of it.
 *
 * @throws DatasetError for an answer that is not the file, a connection that keeps breaking, and a wrong checksum.
 */
export async function fetchFile(url: string, path: string, options: FetchOptions): Promise<number> {
  const { sha256, attempts = 3 } = options;
  if ((await sizeOf(path)) > 0 && (await sha256Of(path)) === sha256) return 0;
  const part = `${path}.part`;
  let received = 0;
  for (let attempt = 1; ; attempt++) {
    const resumedAt = await sizeOf(part);
    try {
      received += await receive(url, part, resumedAt, options);
    } catch (cause) {
      if (cause instanceof DatasetError || options.signal?.aborted) throw cause;
      if (attempt < attempts) continue;
      const problem = `the connection broke ${attempts} times (${messageOf(cause)}); run again to continue at byte ${await sizeOf(part)}`;
      throw new DatasetError(url, problem, { cause });
    }
    const actual = await sha256Of(part);
    if (actual === sha256) break;
    await rm(part, { force: true });
    // The kept part may have been of another version of the file; only a fresh one is proof.
    if (resumedAt > 0 && attempt < attempts) continue;
    throw new DatasetError(
      url,
      `has SHA-256 ${actual} instead of ${sha256}; the file was changed or damaged on the way, and is not kept`,
    );
  }
  await rename(part, path);
  return received;
}

/** Appends what is missing to the part, or replaces it where the server begins anew. */
async function receive(url: string, part: string, from: number, options: FetchOptions): Promise<number> {
  const { name, onProgress, signal } = options;
  const response = await fetch(url, {
    headers: from > 0 ? { Range: `bytes=${from}-` } : {},
    ...(signal === undefined ? {} : { signal }),
  });
  // The server has nothing after what is here: all of it has come, or it is of another file, which the checksum will tell.
  if (response.status === 416 && from > 0) return 0;
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new DatasetError(
      url,
      `answers ${response.status} ${response.statusText}; check the address, or give a baseUrl`,
    );
  }
  const continues =
    response.status === 206 && response.headers.get("content-range")?.startsWith(`bytes ${from}-`) === true;
  const start = continues ? from : 0;
  const length = response.headers.get("content-length");
  const totalBytes = length === null ? undefined : start + Number(length);
  let received = 0;
  const file = await open(part, continues ? "a" : "w");
  try {
    // Written chunk by chunk: when the connection breaks, all that has come is on disk.
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      await file.writeFile(chunk);
      received += chunk.length;
      onProgress?.({ file: name, receivedBytes: start + received, totalBytes });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return received;
}

/** SHA-256 of a file, in hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Bytes of a file; 0 if there is none. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
