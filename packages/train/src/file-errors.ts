import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "./make-folder.ts";

/** Codes of the system for a disk, or a share of one, that is full. */
const full = ["ENOSPC", "EDQUOT"];

/**
 * The error for something that the system does not let be written: what, why, and what to do.
 *
 * @param what a file or folder, or words for one that end in its path
 * @param option of the command line, by which another can be given
 */
export function cannotBeWritten(what: string, cause: unknown, option = "--out"): Error {
  const { message, code = "" } = cause as NodeJS.ErrnoException;
  const remedy = full.includes(code)
    ? "make room on the disk, then go on with a run by --resume"
    : `make it writable, or give another ${option}`;
  return new Error(`${what} cannot be written: ${message}; ${remedy}`, { cause });
}

/** Does what writes a file or folder. @throws Error naming it, as {@link cannotBeWritten} does. */
export function writing<Result>(path: string, write: () => Result, option?: string): Result {
  try {
    return write();
  } catch (error) {
    throw cannotBeWritten(path, error, option);
  }
}

/** Makes the folder of a file that is to be written. @throws Error naming the file where that or the file cannot be written. */
export function requireWritable(path: string, option?: string): void {
  const probe = () => {
    makeFolder(dirname(path));
    // With the slash, what is there must be a folder.
    accessSync(`${dirname(path)}/`, constants.W_OK);
  };
  writing(path, probe, option);
}
