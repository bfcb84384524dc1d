import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostTensor } from "@vitscale/core";
import { decodeImage } from "@vitscale/data";
import { afterAll, expect, it } from "vitest";
import { saveBatchPicture } from "./media.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-media-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("shows the images of a batch side by side, two pixels apart", async () => {
  const path = join(folder, "media/batch.png");
  const bytes = Uint8Array.from({ length: 3 * 4 * 5 * 3 }, (_, i) => i);
  await saveBatchPicture(path, hostTensor("uint8", [3, 4, 5, 3], bytes));
  const { height, width, data } = await decodeImage(readFileSync(path));
  // Two columns of 5 and two rows of 4.
  expect([height, width]).toEqual([2 + 4 + 2 + 4 + 2, 2 + 5 + 2 + 5 + 2]);
  const pixel = (y: number, x: number) => [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
  expect(pixel(2, 2)).toEqual([0, 1, 2]);
  expect(pixel(2, 9)).toEqual([60, 61, 62]);
  expect(pixel(8 + 3, 2 + 4)).toEqual([177, 178, 179]);
  expect(pixel(0, 0)).toEqual([255, 255, 255]);
});

it("leaves out images whose colours nobody knows", async () => {
  const path = join(folder, "floats.png");
  await saveBatchPicture(path, hostTensor("float32", [1, 2, 2, 3]));
  expect(existsSync(path)).toBe(false);
});
