import type { Column } from "./column.ts";
import { TableError } from "./table.ts";

/** How a table is read. */
export interface ReadTableOptions {
  /** What columns hold, where the file does not say it: `{ condition: "text" }` for conditions that look like numbers. */
  readonly kinds?: Readonly<Record<string, Column["kind"]>>;
  /** Rows of a part, 65,536 by default. Parquet files are read by their row groups, whatever the size. */
  readonly partRows?: number;
}

/** Rows of a part. */
export const defaultPartRows = 65_536;

/**
 * Which columns of a file make up which columns of a table: `scores.0`, `scores.1`, ... are the vector `scores`, and every other name
 * is a column of its own.
 *
 * @param path the file, for messages
 * @throws TableError naming the column that is missing between others of a vector: what follows it would not be of the classes it says
 */
export function groupNames(names: readonly string[], path: string): Map<string, readonly string[]> {
  const present = new Set(names);
  const groups = new Map<string, readonly string[]>();
  const widths = new Map<string, number>();
  for (const name of names) {
    const [, stem, number] = /^(.+)\.(0|[1-9]\d*)$/.exec(name) ?? [];
    if (stem === undefined || !present.has(`${stem}.0`) || present.has(stem)) {
      groups.set(name, [name]);
      continue;
    }
    widths.set(stem, Math.max(widths.get(stem) ?? 0, Number(number) + 1));
    groups.set(stem, []);
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
    groups.set(stem, parts);
  }
  return groups;
}
