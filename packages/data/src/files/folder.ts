import { readdir, readlink, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { DatasetError, messageOf } from "../errors.ts";

/**
 * Real paths of the folders that a walk has come through: for each link that it followed the folder where it stood, and last
 * the folder where it is.
 */
export type Trail = readonly string[];

/** What lies in a folder, in no order. */
export interface FolderContents {
  /** Names of files, of the kind that was asked for. */
  readonly files: readonly string[];
  readonly folders: readonly { readonly name: string; readonly trail: Trail }[];
}

/**
 * Looks into a folder: hidden names are left out, and in place of a link stands what it leads to. A link to a folder that the
 * walk has come through, or to one around it, is left out: the walk would go round in a circle.
 *
 * @param isWanted whether files of a name are asked for
 * @throws DatasetError when the folder cannot be listed, and for a link that leads nowhere; but not where its name is that of a
 *   file that is asked for, which whoever reads it will find broken.
 */
export async function look(folder: string, trail: Trail, isWanted: (name: string) => boolean): Promise<FolderContents> {
  const files: string[] = [];
  const folders: { name: string; trail: Trail }[] = [];
  const links: string[] = [];
  for (const entry of await list(folder)) {
    const { name } = entry;
    if (entry.isDirectory()) folders.push({ name, trail: [...trail.slice(0, -1), join(trail.at(-1)!, name)] });
    else if (entry.isSymbolicLink()) links.push(name);
    else if (entry.isFile() && isWanted(name)) files.push(name);
  }
  const targets = await Promise.all(links.map((name) => follow(join(folder, name))));
  for (const [i, target] of targets.entries()) {
    const name = links[i]!;
    if (target.kind === "folder") {
      const isCircle = trail.some((passed) => isInside(passed, target.path));
      if (!isCircle) folders.push({ name, trail: [...trail, target.path] });
    } else if (target.kind !== "other" && isWanted(name)) files.push(name);
    else if (target.kind === "nothing") throw new DatasetError(join(folder, name), target.problem);
  }
  return { files, folders };
}

/**
 * The real path of a folder.
 *
 * @throws DatasetError when there is none, or its place may not be looked at.
 */
export async function realFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (cause) {
    throw new DatasetError(folder, `cannot be listed (${await problemAt(folder, cause)})`, { cause });
  }
}

/** Why a path could not be used, in words: that it is a link that leads nowhere, or else what the system said. */
export async function problemAt(path: string, cause: unknown): Promise<string> {
  const { code } = cause as NodeJS.ErrnoException;
  const target = code === "ENOENT" || code === "ELOOP" ? await readlink(path).catch(() => undefined) : undefined;
  return target === undefined ? messageOf(cause) : `is a link that leads nowhere, to ${target}; mend or remove it`;
}

/** Where a link leads; a folder by its real path. */
async function follow(
  link: string,
): Promise<{ kind: "folder"; path: string } | { kind: "file" | "other" } | { kind: "nothing"; problem: string }> {
  try {
    const stats = await stat(link);
    if (stats.isDirectory()) return { kind: "folder", path: await realpath(link) };
    // A pipe or a device would be waited for.
    return { kind: stats.isFile() ? "file" : "other" };
  } catch (cause) {
    return { kind: "nothing", problem: await problemAt(link, cause) };
  }
}

async function list(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => !name.startsWith("."));
  } catch (cause) {
    throw new DatasetError(folder, `cannot be listed (${messageOf(cause)})`, { cause });
  }
}

/** Whether a real path is a folder or lies in it. */
function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
