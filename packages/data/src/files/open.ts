import { access, type FileHandle, open, stat } from "node:fs/promises";
import { requireText, shown } from "../checks.ts";
import { datasetWith } from "../download/catalogue.ts";
import { DatasetError, messageOf } from "../errors.ts";

/** The error for a file that the system does not give. */
export function cannotBeRead(path: string, cause: unknown): DatasetError {
  return new DatasetError(path, `cannot be read (${messageOf(cause)})`, { cause });
}

/**
 * Opens a file for reading.
 *
 * @throws DatasetError when it is not there, may not be read, is empty (no format of data is), or is no regular file: a folder
 *   has no bytes, and a pipe would be waited for.
 */
export async function openFile(path: string): Promise<{ readonly handle: FileHandle; readonly size: number }> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) {
      const kind = stats.isDirectory() ? "a folder" : "no regular file";
      throw new DatasetError(path, `is ${kind}; give the path of a file`);
    }
    if (stats.size === 0) throw new DatasetError(path, "is empty; fetch it again, or leave it out");
    return { handle: await open(path), size: stats.size };
  } catch (cause) {
    throw cause instanceof DatasetError ? cause : cannotBeRead(path, cause);
  }
}

/** Opens all of several files or none: where one fails, those before it are closed. */
export async function openAll<T extends { close(): Promise<void> }>(
  paths: readonly string[],
  open: (path: string) => Promise<T>,
): Promise<T[]> {
  const opened: T[] = [];
  try {
    for (const path of paths) opened.push(await open(path));
    return opened;
  } catch (error) {
    await Promise.all(opened.map((file) => file.close()));
    throw error;
  }
}

/**
 * The first of several paths that exists: data sets come under many file names.
 *
 * @throws DatasetError that lists all of them and says how to fetch them, or names the one that may not be looked for.
 */
export async function firstExisting(paths: readonly string[]): Promise<string> {
  for (const path of paths) {
    try {
      await access(path);
      return path;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== "ENOTDIR") throw cannotBeRead(path, cause);
    }
  }
  const name = datasetWith(paths);
  const how = name === undefined ? "" : `: vitscale download ${name}, or download("${name}", { to: FOLDER })`;
  throw new DatasetError(
    paths[0]!,
    `is not there${paths.length > 1 ? `, nor is ${paths.slice(1).join(", ")}` : ""}; fetch the data set first${how}`,
  );
}

/**
 * Checks that a format is given files: paths, or what else `requireFile` allows.
 *
 * @throws TypeError that names the format.
 */
export function requireFiles(
  files: unknown,
  format: string,
  requireFile: (name: string, value: unknown) => void = requireText,
): void {
  if (!Array.isArray(files) || files.length === 0) {
    throw new TypeError(`${format} reads files, a list of at least one path, but was given ${shown(files)}`);
  }
  for (const file of files) requireFile(`a file of ${format}`, file);
}

/** @throws TypeError unless the value is a path, or a list of paths of which the first that exists is meant. */
export function requireCandidates(name: string, value: unknown): void {
  if (Array.isArray(value) && value.length > 0) for (const path of value) requireText(name, path);
  else requireText(name, value);
}
