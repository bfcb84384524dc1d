import { type HostTensor, openNpy, openNpz, saveNpz } from "@vitscale/core";
import { type Column, numberColumn, vectorColumn } from "./column.ts";
import { defaultPartRows, type ReadTableOptions } from "./read-options.ts";
import { type Table, TableError, table } from "./table.ts";

/**
 * Reads an npy file in parts of rows: an array [rows, width] is the column `scores`, an array [rows] the column `label`.
 *
 * @throws TableError for arrays of other ranks.
 */
export async function* readNpy(
  path: string,
  { partRows = defaultPartRows }: ReadTableOptions = {},
): AsyncGenerator<Table> {
  const file = await openNpy(path);
  try {
    const [rows = 0] = file.shape;
    const name = file.shape.length === 1 ? "label" : "scores";
    for (let start = 0; start === 0 || start < rows; start += partRows) {
      const part = await file.read({ convert: true, start, end: Math.min(rows, start + partRows) });
      yield table({ [name]: columnFrom(part, path, "array") }, path);
    }
  } finally {
    await file.close();
  }
}

/**
 * Reads an npz archive: every array is a column, an array [rows] of numbers and an array [rows, width] of vectors.
 *
 * @throws TableError for arrays of other ranks, and when they have not all as many rows.
 */
export async function* readNpz(path: string): AsyncGenerator<Table> {
  const archive = await openNpz(path);
  try {
    const columns = new Map<string, Column>();
    for (const name of archive.names) {
      columns.set(name, columnFrom(await archive.read(name, { convert: true }), path, `array "${name}"`));
    }
    yield table(columns, path);
  } finally {
    await archive.close();
  }
}

/**
 * Writes a table as an npz archive; numbers that are not integers become float32.
 *
 * @throws TableError for columns of texts, which NumPy cannot hold without pickling.
 */
export async function writeNpz(path: string, { columns, length, name: where }: Table): Promise<void> {
  const tensors = [...columns].map(([name, column]): [string, HostTensor] => {
    switch (column.kind) {
      case "number":
        if (column.data instanceof Int32Array) return [name, { dtype: "int32", shape: [length], data: column.data }];
        return [name, { dtype: "float32", shape: [length], data: Float32Array.from(column.data) }];
      case "vector":
        return [name, { dtype: "float32", shape: [length, column.width], data: column.data }];
      case "text":
        throw new TableError(where, `column "${name}" holds texts, which npz cannot; write it as .parquet or .csv`);
      default:
        return column satisfies never;
    }
  });
  await saveNpz(path, tensors);
}

function columnFrom({ shape, dtype, data }: HostTensor, path: string, name: string): Column {
  if (shape.length === 1)
    return numberColumn(dtype === "bool" ? Int32Array.from(data) : (data as Float32Array | Int32Array));
  if (shape.length === 2)
    return vectorColumn(dtype === "float32" ? (data as Float32Array) : Float32Array.from(data), shape[1]!);
  throw new TableError(path, `${name} is [${shape}]; give [rows] or [rows, width]`);
}
