import { writeAtomically } from "@vitscale/core";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Column } from "./column.ts";
import type { Table } from "./table.ts";

type ColumnSource = Parameters<ParquetWriter["write"]>[0]["columnData"][number];
type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];

/**
 * Writes tables of the same columns as one Parquet file, each as a row group. Vectors become lists of floats, which pandas, Polars and
 * DuckDB read as such. The file appears as a whole or not at all.
 */
export async function writeParquet(path: string, parts: AsyncIterable<Table> | Iterable<Table>): Promise<void> {
  await writeAtomically(path, async (append) => {
    // What was encoded goes to the disk after every row group; offsets count on.
    const bytes = new ByteWriter();
    const flush = async () => {
      await append(bytes.getBytes());
      bytes.index = 0;
    };
    let writer: ParquetWriter | undefined;
    for await (const { columns, length } of parts) {
      writer ??= new ParquetWriter({ writer: bytes, schema: schemaOf(columns) });
      const columnData = [...columns].map(([name, column]): ColumnSource => ({ name, data: valuesOf(column) }));
      if (length > 0) await writer.write({ columnData, rowGroupSize: length });
      await flush();
    }
    if (writer === undefined) throw new RangeError(`${path}: there are no tables to write; give at least one`);
    await writer.finish();
    await flush();
  });
}

function schemaOf(columns: ReadonlyMap<string, Column>): SchemaElement[] {
  return [
    { name: "root", num_children: columns.size },
    ...[...columns].flatMap(([name, column]) => elementsOf(name, column)),
  ];
}

function elementsOf(name: string, column: Column): SchemaElement[] {
  switch (column.kind) {
    case "number":
      return [{ name, type: numberTypeOf(column.data), repetition_type: "REQUIRED" }];
    case "text":
      return [{ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" }];
    case "vector":
      return [
        { name, repetition_type: "REQUIRED", converted_type: "LIST", num_children: 1 },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        { name: "element", type: "FLOAT", repetition_type: "REQUIRED" },
      ];
    default:
      return column satisfies never;
  }
}

function numberTypeOf(data: ArrayLike<number>): "FLOAT" | "DOUBLE" | "INT32" {
  if (data instanceof Float32Array) return "FLOAT";
  return data instanceof Float64Array ? "DOUBLE" : "INT32";
}

function valuesOf(column: Column): ColumnSource["data"] {
  switch (column.kind) {
    case "number":
      return column.data instanceof Uint8Array ? Int32Array.from(column.data) : column.data;
    case "text":
      return Array.from(column.of, (value) => column.values[value]!);
    case "vector": {
      const { width, data } = column;
      return Array.from({ length: data.length / width }, (_, row) =>
        Array.from(data.subarray(row * width, (row + 1) * width)),
      );
    }
    default:
      return column satisfies never;
  }
}
