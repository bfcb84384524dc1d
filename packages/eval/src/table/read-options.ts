import { type Column, type TextColumn, textColumn } from "./column.ts";
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
 * Columns that name things. They are texts in every file: images that are called `0012` are not number 12, and one right class in each row
 * (`accepted`) is a list of one.
 */
const namesOfThings: ReadonlySet<string> = new Set([
  ...["image", "imagename", "subj", "dataset", "class", "category", "object_response", "accepted"],
  ...["distribution", "corruption", "role", "split"],
]);

/** Whether a column holds texts, whatever they look like. */
export function isNameColumn(name: string): boolean {
  return namesOfThings.has(name);
}

/** Names as texts, in whatever type a file has them: numbers as they are written, lists with spaces between, what is missing empty. */
export function namesColumn(values: Iterable<unknown>): TextColumn {
  return textColumn(Array.from(values, nameOf));
}

function nameOf(value: unknown): string {
  if (value == null || Number.isNaN(value)) return "";
  return typeof value === "object" && Symbol.iterator in value
    ? [...(value as Iterable<unknown>)].join(" ")
    : `${value}`;
}

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
