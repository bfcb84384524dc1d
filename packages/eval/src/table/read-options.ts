import type { Column } from "./column.ts";

/** How a table is read. */
export interface ReadTableOptions {
  /** What columns hold, where the file does not say it: `{ condition: "text" }` for conditions that look like numbers. */
  readonly kinds?: Readonly<Record<string, Column["kind"]>>;
  /** What the file calls columns that have another name in the table: `{ scores: "p" }`; of vectors the part before `.0`. */
  readonly names?: Readonly<Record<string, string>>;
  /** Rows of a part; by default 65,536, or as many as hold a million numbers where a row holds many. */
  readonly partRows?: number;
}

/** Rows and numbers of a part: of wide tables a part has fewer rows, so that what it takes does not grow with their width. */
const [mostRows, mostNumbers] = [2 ** 16, 2 ** 20];

/** Rows of a part of a table with so many numbers or texts in each row, one at least. */
export function rowsOfPart(width: number, { partRows }: Pick<ReadTableOptions, "partRows"> = {}): number {
  return partRows ?? Math.max(1, Math.min(mostRows, Math.floor(mostNumbers / width)));
}
