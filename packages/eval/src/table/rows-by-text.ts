import { columnOf, type Table } from "./table.ts";

/** Rows by the text that a column has in them, in the order in which the texts come first. @throws TableError as {@link columnOf} does */
export function rowsByText(table: Table, column: string): Map<string, number[]> {
  const { values, of } = columnOf(table, column, "text");
  const rows = new Map<string, number[]>();
  for (let row = 0; row < of.length; row++) {
    const text = values[of[row]!]!;
    const known = rows.get(text);
    if (known === undefined) rows.set(text, [row]);
    else known.push(row);
  }
  return rows;
}
