import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ParquetFile } from "./parquet.ts";
import { checkPages } from "./parquet-pages.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-pages-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** As pyarrow writes it with checksums: scores 0, ⅛, … ⅝ and kinds, in two row groups. */
const written = readFileSync(new URL("../../fixtures/checksums.parquet", import.meta.url));

async function columns(bytes: Uint8Array): Promise<unknown[]> {
  const path = join(folder, "numbers.parquet");
  writeFileSync(path, bytes);
  const file = await ParquetFile.open(path);
  try {
    const scores: unknown[] = [];
    for await (const score of file.column("score")) scores.push(score);
    // What was compared once is not compared again.
    expect(await file.valueAt("kind", 4)).toBe("bee");
    return [...scores, await file.valueAt("score", 1)];
  } finally {
    await file.close();
  }
}

it("reads pages that have their checksums", async () => {
  expect(await columns(written)).toEqual([0, 1 / 8, 2 / 8, 3 / 8, 4 / 8, 5 / 8, 1 / 8]);
});

it("names column and rows of a value that was changed to another, which nothing else would notice", async () => {
  const damaged = Buffer.from(written);
  const value = Buffer.alloc(8);
  value.writeDoubleLE(4 / 8);
  damaged.writeDoubleLE(0.25, damaged.indexOf(value));
  await expect(columns(damaged)).rejects.toThrow(
    'numbers.parquet: column "score", rows 3 to 5: page 0 does not have the checksum that it was written with; fetch the file again',
  );
});

it("leaves to the reader what are no pages", () => {
  for (const bytes of [[], [0], [0x15], [0xff, 0xff, 0xff], [0x1d, 0, 0x4f], new Array<number>(40).fill(0x19)]) {
    expect(() => checkPages(Uint8Array.from(bytes))).not.toThrow();
  }
});
