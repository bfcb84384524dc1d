import type { Column } from "./column.ts";

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
 */
export function groupNames(names: readonly string[]): Map<string, readonly string[]> {
  const present = new Set(names);
  const groups = new Map<string, readonly string[]>();
  for (const name of names) {
    const [, stem, number] = /^(.+)\.(\d+)$/.exec(name) ?? [];
    if (stem === undefined || !present.has(`${stem}.0`) || present.has(stem)) groups.set(name, [name]);
    else if (number === "0") {
      const parts: string[] = [];
      while (present.has(`${stem}.${parts.length}`)) parts.push(`${stem}.${parts.length}`);
      groups.set(stem, parts);
    }
  }
  return groups;
}
