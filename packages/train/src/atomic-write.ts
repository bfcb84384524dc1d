import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Writes a file so that at any moment, even after a power cut, the path holds the old content or the new one: the text goes to a
 * file beside it, is flushed to the disk, and takes the name at once.
 *
 * @throws the file system's error (no space, no permission), with nothing left behind.
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
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
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
