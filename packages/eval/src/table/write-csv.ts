import { writeAtomically } from "@vitscale/core";
import type { Column } from "./column.ts";
import type { Table } from "./table.ts";

/**
 * Writes tables of the same columns as one CSV file, a part at a time. A vector `scores` becomes the columns `scores.0`, `scores.1`, ...;
 * NaN is written as `NaN`. The file appears as a whole or not at all.
 */
export async function writeCsv(path: string, parts: AsyncIterable<Table> | Iterable<Table>): Promise<void> {
  await writeAtomically(path, async (append) => {
    let header: string | undefined;
    for await (const part of parts) {
      const columns = [...part.columns];
      const names = columns.flatMap(([name, column]) => headerOf(name, column)).join(",");
      if (header === undefined) {
        header = names;
        await append(Buffer.from(`${header}\n`));
      } else if (names !== header) {
        throw new RangeError(`${path}: a part has the columns ${names}, but the first had ${header}`);
      }
      const fields = columns.map(([, column]) => fieldsOf(column));
      for (let start = 0; start < part.length; start += rowsAtOnce) {
        const lines: string[] = [];
        const end = Math.min(part.length, start + rowsAtOnce);
        for (let row = start; row < end; row++) lines.push(fields.map((field) => field(row)).join(","));
        await append(Buffer.from(`${lines.join("\n")}\n`));
      }
    }
  });
}

const rowsAtOnce = 4096;

function headerOf(name: string, column: Column): string[] {
  if (column.kind !== "vector") return [quoted(name)];
  return Array.from({ length: column.width }, (_, i) => quoted(`${name}.${i}`));
}

/** The field of a row, as text. */
function fieldsOf(column: Column): (row: number) => string {
  switch (column.kind) {
    case "number":
      return (row) => `${column.data[row]}`;
    case "text": {
      const values = column.values.map(quoted);
      return (row) => values[column.of[row]!]!;
    }
    case "vector": {
      const { width, data } = column;
      return (row) => data.subarray(row * width, (row + 1) * width).join(",");
    }
    default:
      return column satisfies never;
  }
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
