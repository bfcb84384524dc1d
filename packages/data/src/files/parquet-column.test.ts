import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type FileMetaData, parquetSchema, type SchemaElement } from "hyparquet";
import { describe, expect, it } from "vitest";
import { ParquetFile } from "./parquet.ts";
import { columnPages } from "./parquet-column.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

/** What pyarrow wrote: `make.py` beside the fixtures. */
const rows = Array.from({ length: 60 }, (_, i) => i);
const written: Readonly<Record<string, readonly unknown[]>> = {
  scores: rows.map((i) => Array.from({ length: 7 }, (_, j) => i + j / 8)),
  some: rows.map((i) => (i % 5 === 0 ? null : Array.from({ length: i % 4 }, (_, j) => BigInt(j)))),
  name: rows.map((i) => (i % 7 === 0 ? null : `image-${i % 9}`)),
  weight: rows.map((i) => i / 4),
  nested: rows.map((i) => ({ a: i, b: `${i}` })),
};

describe.each(["pages-1.parquet", "pages-2.parquet"])("a row group of many pages: %s", (name) => {
  it.each([1, 7, 60])("comes in order, %i values at a time", async (count) => {
    const file = await ParquetFile.open(fixture(name));
    try {
      expect(file.sizeOfGroup(0).rows).toBe(60);
      for (const [column, values] of Object.entries(written)) {
        const take = file.openGroup(column, 0);
        const taken: unknown[] = [];
        while (taken.length < 60) taken.push(...(await take(Math.min(count, 60 - taken.length))));
        expect(taken.map((value) => value ?? null)).toEqual(values);
        await expect(take(1)).rejects.toThrow(`column "${column}", rows 0 to 59: only 0 values; the file is damaged`);
      }
    } finally {
      await file.close();
    }
  });

  it("is read page by page", async () => {
    const file = await ParquetFile.open(fixture(name));
    try {
      const pieces: number[] = [];
      for await (const { length } of columnPages(file, "scores", 0)) pieces.push(length);
      expect(pieces.length).toBeGreaterThan(10);
      expect(pieces.reduce((sum, length) => sum + length)).toBe(60);
    } finally {
      await file.close();
    }
  });
});

it.each(["flat.parquet", "lists.parquet", "checksums.parquet", "hugging-face.parquet"])(
  "gives what hyparquet reads as a whole: %s",
  async (name) => {
    const file = await ParquetFile.open(fixture(name));
    try {
      for (const column of file.columns) {
        for (let group = 0; group < file.groups; group++) {
          const values = [...(await file.readGroup(column, group))];
          expect([...(await file.openGroup(column, group)(values.length))]).toEqual(values);
        }
      }
    } finally {
      await file.close();
    }
  },
);

/**
 * A page of the first form, of whole numbers in lists: in Thrift's compact protocol a header, then levels as runs of one, then values.
 *
 * @param repetition 0 for the first of each list
 */
function page(values: readonly number[], repetition: readonly number[]): Buffer {
  const runs = (levels: readonly number[]) =>
    Buffer.from([2 * levels.length, 0, 0, 0, ...levels.flatMap((level) => [2, level])]);
  const numbers = Buffer.from(Int32Array.from(values).buffer);
  const body = Buffer.concat([runs(repetition), runs(values.map(() => 1)), numbers]);
  const field = (value: number) => [0x15, 2 * value];
  const counts = [0x2c, ...field(values.length), ...field(0), ...field(3), ...field(3), 0];
  return Buffer.concat([Buffer.from([...field(0), ...field(body.length), ...field(body.length), ...counts, 0]), body]);
}

it("goes on with a list in the next pages, as some writers have it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vitscale-lists-"));
  const pages = [page([1, 2, 3, 4], [0, 1, 1, 0]), page([5, 6], [1, 0]), page([7], [1]), page([8, 9], [1, 1])];
  const bytes = Buffer.concat(pages);
  await writeFile(join(folder, "pages"), bytes);
  const schema: SchemaElement[] = [
    { name: "root", num_children: 1 },
    { name: "v", repetition_type: "REQUIRED", converted_type: "LIST", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", repetition_type: "REQUIRED", type: "INT32" },
  ];
  const chunk = {
    path_in_schema: ["v", "list", "element"],
    type: "INT32",
    codec: "UNCOMPRESSED",
    data_page_offset: 0n,
  };
  const meta_data = { ...chunk, total_compressed_size: BigInt(bytes.length) };
  const metadata = { schema, row_groups: [{ columns: [{ meta_data }] }] } as unknown as FileMetaData;
  const handle = await open(join(folder, "pages"));
  try {
    const rows: unknown[] = [];
    const file = { handle, metadata, schema: parquetSchema(metadata), compressors: {} };
    for await (const piece of columnPages(file, "v", 0)) rows.push(...piece);
    expect(rows).toEqual([
      [1, 2, 3],
      [4, 5],
      [6, 7, 8, 9],
    ]);
  } finally {
    await handle.close();
    await rm(folder, { recursive: true });
  }
});
