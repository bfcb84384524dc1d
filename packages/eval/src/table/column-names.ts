import { didYouMean } from "@vitscale/core";
import type { ReadTableOptions } from "./read-options.ts";
import { TableError } from "./table.ts";

/** Columns of a file that make up one of a table. */
export interface ColumnParts {
  readonly parts: readonly string[];
  /** Whether they are the numbers of a vector, be it but one. */
  readonly isVector: boolean;
}

/**
 * Which columns of a file make up which columns of a table: `scores.0`, `scores.1`, ... make up the vector `scores` (`features.0` alone is one of
 * width 1), and every other name is a column of its own.
 *
 * @param path the file, for messages
 * @param own what the file calls columns that have another name in the table
 * @throws TableError naming the column that is missing between others of a vector: what follows it would not be of the classes it says; and as
 *   {@link tableNames} does
 */
export function groupNames(
  names: readonly string[],
  path: string,
  own: ReadTableOptions["names"] = {},
): Map<string, ColumnParts> {
  const present = new Set(names);
  const groups = new Map<string, ColumnParts>();
  const widths = new Map<string, number>();
  for (const name of names) {
    const [, stem, number] = /^(.+)\.(0|[1-9]\d*)$/.exec(name) ?? [];
    if (stem === undefined || !present.has(`${stem}.0`) || present.has(stem)) {
      groups.set(name, { parts: [name], isVector: false });
      continue;
    }
    widths.set(stem, Math.max(widths.get(stem) ?? 0, Number(number) + 1));
    groups.set(stem, { parts: [], isVector: true });
  }
  for (const [stem, width] of widths) {
    const parts: string[] = [];
    while (present.has(`${stem}.${parts.length}`)) parts.push(`${stem}.${parts.length}`);
    if (parts.length < width) {
      throw new TableError(
        path,
        `has columns "${stem}.0" and "${stem}.${width - 1}", but no "${stem}.${parts.length}"; give all numbers of the vector "${stem}"`,
      );
    }
    groups.set(stem, { parts, isVector: true });
  }
  const nameOf = tableNames([...groups.keys()], path, own);
  return new Map([...groups].map(([name, group]) => [nameOf(name), group]));
}

/**
 * What a table calls the columns of a file.
 *
 * @throws TableError for a column that the file does not have, naming the nearest, for a name that another column has already, and for two names of one
 */
export function tableNames(
  names: readonly string[],
  path: string,
  own: ReadTableOptions["names"] = {},
): (name: string) => string {
  const wanted = new Map<string, string>();
  for (const [name, given] of Object.entries(own)) {
    if (!names.includes(given)) {
      throw new TableError(
        path,
        `has no column "${given}" to be read as "${name}"${didYouMean(given, names)}; it has ${names.join(", ")}`,
      );
    }
    if (names.includes(name) && !Object.values(own).includes(name)) {
      throw new TableError(path, `has a column "${name}", and "${given}" is to be read as it; leave one of them out`);
    }
    const other = wanted.get(given);
    if (other !== undefined) {
      throw new TableError(path, `column "${given}" is to be read as "${other}" and as "${name}"; give it one name`);
    }
    wanted.set(given, name);
  }
  return (name) => wanted.get(name) ?? name;
}
