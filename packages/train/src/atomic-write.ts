import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { cannotBeWritten } from "./file-errors.ts";

/**
 * Writes a file so that at any moment, even after a power cut, the path holds the old content or the new one: the text goes to a
 * file beside it, is flushed to the disk, and takes the name at once.
 *
 * @throws Error naming the file and why (no space, no permission), with nothing left behind.
 */
export function writeAtomically(path: string, text: string): void {
  const partial = `${path}.partial`;
  try {
    const file = openSync(partial, "w");
    try {
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(partial, { force: true });
    throw cannotBeWritten(path, error);
  }
}

/** Deletes what processes that were killed while they wrote files of a folder have left of them. */
export function removePartials(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) if (name.endsWith(".partial")) rmSync(join(folder, name));
}

/** Flushes a folder's list of names to the disk, so that a rename in it survives a power cut. */
function syncFolder(folder: string): void {
  // Windows opens no folders, and needs no such flush.
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
