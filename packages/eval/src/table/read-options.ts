import type { Column } from "./column.ts";

/** How a table is read. */
export interface ReadTableOptions {
  /** What columns hold, where the file does not say it: `{ condition: "text" }` for conditions that look like numbers. */
  readonly kinds?: Readonly<Record<string, Column["kind"]>>;
  /** What the file calls columns that have another name in the table: `{ scores: "p" }`; of vectors the part before `.0`. */
  readonly names?: Readonly<Record<string, string>>;
  /** Rows of a part, 65,536 by default. Parquet files are read by their row groups, whatever the size. */
  readonly partRows?: number;
}

/** Rows of a part. */
export const defaultPartRows = 65_536;
