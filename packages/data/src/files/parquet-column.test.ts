import { fileURLToPath } from "node:url";
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
