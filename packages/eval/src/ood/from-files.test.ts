import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, it } from "vitest";
import { numberColumn, table, vectorColumn } from "../table/index.ts";
import { oodSuiteFromFiles } from "./from-files.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-ood-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("measures through a label map from a file", async () => {
  const map = join(folder, "pets.json");
  writeFileSync(map, JSON.stringify({ sourceClasses: 4, classes: { cat: [0, 1], dog: [3] } }));
  const suite = await oodSuiteFromFiles({ map });
  // Class 2 is neither cat nor dog: among those two the second image is a dog, among all it is wrong.
  const scores = vectorColumn(Float32Array.of(0, 5, 1, 2, 0, 1, 5, 2), 4);
  const { metrics } = await suite.run(table({ label: numberColumn([0, 1]), scores }));
  expect(metrics["pets/top1"]!.value).toBe(1);
  expect(metrics["pets/top1-all-classes"]!.value).toBe(0.5);
});

it("reads the labels of ImageNet-ReaL, gzipped too, and says what is wrong with them", async () => {
  const real = join(folder, "real.json.gz");
  writeFileSync(
    real,
    gzipSync(JSON.stringify(Array.from({ length: 50_000 }, (_, i) => (i === 7 ? [1000] : [i % 1000])))),
  );
  await expect(oodSuiteFromFiles({ real })).rejects.toThrow(
    `row 7 of ${real} is [1000]; give lists of classes 0 to 999`,
  );
  const other = join(folder, "labels.txt");
  writeFileSync(other, "[65] [970]\n");
  await expect(oodSuiteFromFiles({ real: other })).rejects.toThrow(`${other} is no JSON (`);
});
