import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { isAbsolute, join, posix, relative, sep } from "node:path";

/**
 * The real path of a file below a folder.
 *
 * @param path relative, with `/` between parts, already decoded; it may come from anyone
 * @returns undefined where it is not a plain relative path, does not exist, or leads out of the folder, through a symbolic link too
 */
export async function insidePath(folder: string, path: string): Promise<string | undefined> {
  if (path === "" || path.includes("\0") || path.includes("\\") || isAbsolute(path)) return undefined;
  if (posix.normalize(path) !== path || path.split("/").some((part) => part === ".." || part === "." || part === "")) {
    return undefined;
  }
  try {
    const [root, real] = await Promise.all([realpath(folder), realpath(join(folder, path))]);
    const way = relative(root, real);
    return way === "" || way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : real;
  } catch {
    return undefined;
  }
}

/** Opens a regular file for reading; a symbolic link, a pipe or a folder of that name is refused. */
export async function openRegular(path: string): Promise<FileHandle> {
  // A pipe without a writer would block the open for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if ((await file.stat()).isFile()) return file;
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  throw new Error("it is no regular file");
}

/** Text of a regular file. @throws Error when it is longer than the limit, or cannot be opened */
export async function readText(path: string, limitBytes: number): Promise<string> {
  const file = await openRegular(path);
  try {
    const { size } = await file.stat();
    if (size > limitBytes) throw new Error(`it has ${size} bytes, more than ${limitBytes}`);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/** What went wrong with a file, without its path: "ENOENT: no such file or directory, open '/…'" says where the folder lies. */
export function reasonOf(error: unknown): string {
  const { message = String(error), code } = error as { message?: string; code?: string };
  if (code === "ENOENT") return "it does not exist";
  if (code === "EACCES" || code === "EPERM") return "it may not be read";
  if (code === "ELOOP") return "it is a symbolic link";
  return message.split("\n", 1)[0]!.replace(/, \w+ '.*$/, "");
}
