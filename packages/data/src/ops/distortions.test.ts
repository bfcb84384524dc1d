import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ByteImage } from "../image.ts";
import { Random } from "../random/random.ts";
import { fold, keyOf } from "../random/threefry.ts";
import { brightness, contrast, hue, saturation, sharpness } from "./colour.ts";
import { colourJitter } from "./colour-jitter.ts";
import { distortions, randAugment } from "./rand-augment.ts";
import { autoContrast, equalize, invert, posterize, solarize, solarizeAdd } from "./tone.ts";
import { rotation, shearX, shearY, translation, warp } from "./warp.ts";

/** Written by fixtures/make.py with PIL and colorsys. */
const fixture: {
  readonly height: number;
  readonly width: number;
  readonly image: readonly number[];
  readonly large: readonly number[];
  readonly results: Readonly<Record<string, readonly number[]>>;
} = JSON.parse(readFileSync(new URL("../../fixtures/distortions.json", import.meta.url), "utf8"));

const image: ByteImage = { height: 8, width: 9, channels: 3, data: Uint8Array.from(fixture.image) };
const large: ByteImage = { height: 40, width: 40, channels: 3, data: Uint8Array.from(fixture.large) };

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>) {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

describe("tone and colour", () => {
  it.each([
    ["invert", invert(image), 0],
    ["posterize", posterize(image, 3), 0],
    ["solarize", solarize(image, 100), 0],
    ["autoContrast", autoContrast(image), 0],
    ["hue", hue(image, 0.3), 1],
    // PIL cuts fractions off where we round, and works on the rounded grey.
    ["brightness 0.4", brightness(image, 0.4), 1],
    ["brightness 1.9", brightness(image, 1.9), 1],
    ["contrast 0.4", contrast(image, 0.4), 1],
    ["contrast 1.9", contrast(image, 1.9), 1],
    ["saturation 0.4", saturation(image, 0.4), 1],
    ["saturation 1.9", saturation(image, 1.9), 1],
    ["sharpness 0.4", sharpness(image, 0.4), 1],
    ["sharpness 1.9", sharpness(image, 1.9), 2],
  ] as const)("%s equals PIL's", (name, result, tolerance) => {
    expect(largestDifference(result.data, fixture.results[name]!)).toBeLessThanOrEqual(tolerance);
  });

  it("equalize equals PIL's", () => {
    const { data } = equalize(large);
    const corner = Array.from({ length: 8 }, (_, row) => [...data.slice(row * 120, row * 120 + 27)]).flat();
    expect(corner).toEqual(fixture.results.equalize);
  });

  it("keeps an image of one colour", () => {
    const plain: ByteImage = { ...image, data: new Uint8Array(image.data.length).fill(77) };
    for (const operation of [autoContrast, equalize]) expect(operation(plain).data).toEqual(plain.data);
  });

  it("adds below 128 only", () => {
    const row: ByteImage = { height: 1, width: 4, channels: 1, data: Uint8Array.of(0, 127, 128, 200) };
    expect([...solarizeAdd(row, 110).data]).toEqual([110, 237, 128, 200]);
  });
});

describe("warp", () => {
  // 3 rows of 4 grey pixels
  const grid: ByteImage = {
    height: 3,
    width: 4,
    channels: 1,
    data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
  };
  const square: ByteImage = { height: 2, width: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4) };

  it("shifts right and down", () => {
    expect([...warp(grid, translation(1, 1), 0).data]).toEqual([0, 0, 0, 0, 0, 1, 2, 3, 0, 5, 6, 7]);
  });

  it("shears rows and columns by their number", () => {
    expect([...warp(grid, shearX(1), 0).data]).toEqual([1, 2, 3, 4, 6, 7, 8, 0, 11, 12, 0, 0]);
    expect([...warp(grid, shearY(1), 0).data]).toEqual([1, 6, 11, 0, 5, 10, 0, 0, 9, 0, 0, 0]);
  });

  it("turns about the centre", () => {
    expect([...warp(square, rotation(180, square), 0).data]).toEqual([4, 3, 2, 1]);
    expect([...warp(square, rotation(90, square), 0).data]).toEqual([2, 4, 1, 3]);
    expect(warp(grid, rotation(180, grid), 0).data).toEqual(grid.data.toReversed());
  });
});

describe("randAugment", () => {
  it("changes nothing with no layers, and repeats with the key", () => {
    const none = randAugment.compile({ layers: 0 });
    expect(none(image, new Random(keyOf(0)))).toBe(image);
    const two = randAugment.compile({});
    expect(two(image, new Random(keyOf(5)))).toEqual(two(image, new Random(keyOf(5))));
  });

  it("draws from all sixteen distortions", () => {
    expect(Object.keys(distortions)).toHaveLength(16);
    const one = randAugment.compile({ layers: 1, magnitude: 6 });
    const results = new Set(
      Array.from({ length: 300 }, (_, i) => String(one(large, new Random(fold(keyOf(1), i))).data)),
    );
    // Five go either way, and cut-outs lie anywhere.
    expect(results.size).toBeGreaterThanOrEqual(16 + 5);
  });

  it.each(Object.keys(distortions) as (keyof typeof distortions)[])("%s keeps the size at every magnitude", (name) => {
    for (const magnitude of [0, 5, 10, 20, 30]) {
      const distort = randAugment.compile({ layers: 1, magnitude, distortions: [name] });
      const result = distort(large, new Random(keyOf(magnitude)));
      expect([result.height, result.width, result.channels, result.data.length]).toEqual([40, 40, 3, 4800]);
    }
  });

  it("moves by 100 of 224 pixels at magnitude 10, as the reference does", () => {
    const wide: ByteImage = { height: 1, width: 224, channels: 1, data: new Uint8Array(224).fill(1) };
    const { data } = distortions.translateX(wide, 1, new Random(keyOf(0)));
    expect(data.filter((value) => value === 128)).toHaveLength(100);
  });

  it("names what it does not know", () => {
    expect(() => randAugment({ distortions: ["melt" as "rotate"] })).toThrow(
      /randAugment draws from \[melt\]; name some of autoContrast, equalize, .*solarizeAdd/,
    );
  });
});

describe("colourJitter", () => {
  it("changes nothing at strength zero", () => {
    expect(colourJitter.compile({})(image, new Random(keyOf(0))).data).toEqual(image.data);
  });

  it("stays within its range of brightness", () => {
    const grey: ByteImage = { height: 1, width: 1, channels: 1, data: Uint8Array.of(100) };
    const jitter = colourJitter.compile({ brightness: 0.4 });
    const values = Array.from({ length: 500 }, (_, i) => jitter(grey, new Random(fold(keyOf(0), i))).data[0]!);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(60);
    expect(Math.max(...values)).toBeLessThanOrEqual(140);
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(70);
  });

  it("refuses a hue beyond half a turn", () => {
    expect(() => colourJitter({ hue: 0.6 })).toThrow("colourJitter hue is 0.6; give 0 or more, at most 0.5");
  });
});
