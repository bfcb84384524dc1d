import { randomBytes } from "node:crypto";
import { open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { mostBytesAtOnce } from "./byte-source.ts";

/** Appends all of the bytes. */
export type Append = (bytes: Uint8Array) => Promise<void>;

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open directories; there, renames are durable on their own.
  const directory = await open(path, "r").catch(() => undefined);
  await directory?.sync().catch(() => {});
  await directory?.close();
}

/**
 * Writes a file that is either there as a whole or not at all, whatever happens in between: into a temporary file beside
 * it, which is synced to the disk and then renamed. A file of that name is replaced in the same instant.
 *
 * When `write` fails, the temporary file is removed and the error passed on.
 */
export async function writeAtomically(path: string, write: (append: Append) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${randomBytes(4).toString("hex")}.partial`);
  const handle = await open(temporary, "wx");
  try {
    try {
      await write(async (bytes) => {
        for (let written = 0; written < bytes.length; ) {
          const part = bytes.subarray(written, written + mostBytesAtOnce);
          written += (await handle.write(part)).bytesWritten;
        }
      });
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
  await syncDirectory(dirname(path));
}
