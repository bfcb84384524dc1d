import { joinColumns } from "./column.ts";
import { columnOf, type Table, TableError, table } from "./table.ts";

/** A table that rows of a joined one are from, and which of the joined rows is its first. */
export interface Origin {
  readonly name: string;
  readonly start: number;
}

/**
 * Tables of the same columns as one, in order; a single one is not copied. A table of rows of several files has the names of all, and knows
 * which rows are whose.
 *
 * @throws TableError naming the column that one of them lacks, or that has another kind there.
 */
export function joinTables(tables: readonly Table[], name?: string): Table {
  const [first] = tables;
  const origins = originsOf(tables);
  const own = name ?? (origins.map((origin) => origin.name).join(" and ") || "table");
  if (first === undefined) throw new TableError(own, "has no parts; give at least one table");
  if (tables.length === 1) return { ...first, name: own };
  const columns = Array.from(first.columns.keys(), (column) => {
    try {
      const parts = tables.map((part) => columnOf(part, column, part.columns.get(column)?.kind ?? "number"));
      return [column, joinColumns(parts)] as const;
    } catch (error) {
      if (error instanceof TableError) throw error;
      throw new TableError(own, `column "${column}": ${(error as Error).message}`);
    }
  });
  const { leftOut } = first;
  return { ...table(new Map(columns), own), ...(origins.length > 1 && { origins }), ...(leftOut && { leftOut }) };
}

function originsOf(tables: readonly Table[]): Origin[] {
  const origins: Origin[] = [];
  let start = 0;
  for (const { name, length } of tables) {
    if (origins.at(-1)?.name !== name) origins.push({ name, start });
    start += length;
  }
  return origins;
}

/** An error about a row of a joined table as one about the table that the row is from, in which it is counted; any other as it is. */
export function atOrigin({ origins = [] }: Table, error: unknown): unknown {
  if (!(error instanceof TableError) || error.row === undefined) return error;
  const { row, problem } = error;
  const origin = origins.findLast(({ start }) => start <= row);
  return origin === undefined ? error : new TableError(origin.name, problem, row - origin.start);
}
