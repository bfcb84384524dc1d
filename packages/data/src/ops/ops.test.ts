import { describe, expect, it } from "vitest";
import type { Image } from "../image.ts";
import { Random } from "../random/random.ts";
import { fold, keyOf } from "../random/threefry.ts";
import { colourJitter } from "./colour-jitter.ts";
import { centralCrop, inceptionCrop, randomCrop } from "./crop.ts";
import { flip } from "./flip.ts";
import { randAugment } from "./rand-augment.ts";
import { randomErasing } from "./random-erasing.ts";
import { evaluationCrop, trainingCrop } from "./recipes.ts";
import { resize, resizeSmall } from "./resize.ts";
import { roundHalfEven, sampleBox } from "./sample-box.ts";
import { compileOps } from "./table.ts";
import { normalise, toChannels, valueRange } from "./values.ts";

/** Pixel (row, column) of a numbered image has the value 10 row + column. */
function numbered(height: number, width: number, channels = 1): Image {
  const data = Uint8Array.from({ length: height * width * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    return 10 * Math.floor(pixel / width) + (pixel % width);
  });
  return { height, width, channels, data };
}

const random = (i = 0) => new Random(fold(keyOf(7), i));

describe("crops", () => {
  it("takes the middle, with the odd row at the end", () => {
    expect([...centralCrop.compile({ size: 2 })(numbered(5, 4), random()).data]).toEqual([11, 12, 21, 22]);
  });

  it("says what does not fit", () => {
    expect(() => centralCrop.compile({ size: 6 })(numbered(5, 7), random())).toThrow(
      "a crop of 6x6 at (-1, 0) reaches outside an image of 5x7; resize the image first, or choose a smaller crop",
    );
    expect(() => randomCrop.compile({ size: 32, padding: 4 })(numbered(20, 20), random())).toThrow(
      "randomCrop of 32x32 with padding 4 (black) does not fit an image of 20x20",
    );
    expect(() => resize(8 as never)).toThrow("resize size is undefined; give a positive integer");
    expect(() => normalise({ mean: [0.5] } as never)).toThrow("normalise has mean [0.5] and standardDeviation []");
    expect(() => centralCrop({ size: 0 })).toThrow(
      "centralCrop size is 0; give a positive integer, or [height, width]",
    );
  });

  it("takes each window of a padded image equally often", () => {
    const apply = randomCrop.compile({ size: 3, padding: 1 });
    const counts = new Map<string, number>();
    for (let i = 0; i < 1800; i++) {
      const key = apply(numbered(3, 3), random(i)).data.join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(9);
    expect(counts.get("0,0,0,0,0,1,0,10,11")).toBeDefined();
    expect(counts.get("0,1,2,10,11,12,20,21,22")).toBeDefined();
    expect(counts.get("11,12,0,21,22,0,0,0,0")).toBeDefined();
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(60);
  });

  it("mirrors without repeating the border", () => {
    const apply = randomCrop.compile({ size: [1, 3], padding: 2, fill: "reflect" });
    const rows = new Set(Array.from({ length: 300 }, (_, i) => apply(numbered(3, 3), random(i)).data.join()));
    expect(rows).toContain("2,1,0");
    expect(rows).toContain("22,21,20");
    expect(rows).toContain("10,11,12");
    // Columns from -2 and from 2 both read 2, 1, 0.
    expect(rows.size).toBe(3 * 4);
  });
});

describe("sampleBox (tf.image.sample_distorted_bounding_box)", () => {
  const range = { area: [0.05, 1], aspect: [3 / 4, 4 / 3], attempts: 100 } as const;

  it.each([
    [375, 500],
    [500, 375],
    [32, 32],
    [5, 400],
  ])("keeps area, aspect ratio and image borders for %s x %s", (height, width) => {
    for (let i = 0; i < 2000; i++) {
      const box = sampleBox(height, width, range, random(i));
      expect(box.top >= 0 && box.top + box.height <= height).toBe(true);
      expect(box.left >= 0 && box.left + box.width <= width).toBe(true);
      if (box.height === height && box.width === width) continue;
      const area = (box.height * box.width) / (height * width);
      expect(area >= 0.05 && area <= 1).toBe(true);
      // The width is rounded to a pixel.
      expect(box.width).toBeGreaterThanOrEqual(box.height * 0.75 - 0.5);
      expect(box.width).toBeLessThanOrEqual((box.height * 4) / 3 + 0.5);
    }
  });

  it("draws heights uniformly, not areas", () => {
    // Aspect 1 in a square of 200: heights are uniform from sqrt(0.05) 200 = 44.7 to 200, with mean 122.4.
    const square = { area: [0.05, 1], aspect: [1, 1], attempts: 100 } as const;
    const heights = Array.from({ length: 4000 }, (_, i) => sampleBox(200, 200, square, random(i)).height);
    const mean = heights.reduce((sum, height) => sum + height, 0) / heights.length;
    expect(mean).toBeGreaterThan(120.5);
    expect(mean).toBeLessThan(124.5);
  });

  it("takes the whole image where nothing fits", () => {
    const box = sampleBox(2, 1000, { area: [0.9, 1], aspect: [3 / 4, 4 / 3], attempts: 10 }, random());
    expect(box).toEqual({ top: 0, left: 0, height: 2, width: 1000 });
  });

  it("rounds halves to the even number", () => {
    expect([0.5, 1.5, 2.5, -0.5, 2.4, 2.6].map(roundHalfEven)).toEqual([0, 2, 2, 0, 2, 3]);
  });
});

describe("recipes", () => {
  const run = async (ops: Parameters<typeof compileOps>[0], image: Image) =>
    (await compileOps(ops)).reduce((result, apply) => apply(result, random()), image);

  it.each(["standard", "square", "aspect"] as const)("evaluates at 224 by the %s rule", async (rule) => {
    const result = await run(evaluationCrop(224, rule), numbered(300, 400, 3));
    expect([result.height, result.width]).toEqual([224, 224]);
  });

  it("resizes to 256 by the standard and the square rule at 224, and to 299 by the aspect rule", () => {
    expect(evaluationCrop(224)[0]!.options).toEqual({ side: 256 });
    expect(evaluationCrop(224, "square")[0]!.options).toEqual({ size: 256 });
    expect(evaluationCrop(224, "aspect")[0]!.options).toEqual({ side: 299 });
  });

  it("keeps the aspect ratio of the smaller side", () => {
    const result = resizeSmall.compile({ side: 20 })(numbered(30, 41), random());
    expect([result.height, result.width]).toEqual([20, 27]);
  });

  it("trains on crops of the asked size", async () => {
    const result = await run(trainingCrop(24), numbered(60, 80, 3));
    expect([result.height, result.width, result.channels]).toEqual([24, 24, 3]);
  });
});

describe("flip", () => {
  it("mirrors pixels, not channels", () => {
    const image: Image = { height: 1, width: 2, channels: 3, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    expect([...flip.compile({ probability: 1 })(image, random()).data]).toEqual([4, 5, 6, 1, 2, 3]);
    expect(flip.compile({ probability: 0 })(image, random())).toBe(image);
  });

  it("mirrors every other image", () => {
    const apply = flip.compile({});
    const image = numbered(1, 2);
    const flipped = Array.from({ length: 1000 }, (_, i) => apply(image, random(i)) !== image).filter(Boolean).length;
    expect(flipped).toBeGreaterThan(440);
    expect(flipped).toBeLessThan(560);
  });
});

describe("values", () => {
  const pixels: Image = { height: 1, width: 2, channels: 3, data: Uint8Array.of(0, 51, 255, 255, 0, 102) };

  it("scales to a range", () => {
    const { data } = valueRange.compile({})(pixels, random());
    expect([...data].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([-1, -0.6, 1, 1, -1, -0.2]);
  });

  it("normalises each channel by its own mean", () => {
    const apply = normalise.compile({ mean: [0.5, 0.2, 0], standardDeviation: [0.25, 0.5, 1] });
    expect([...apply(pixels, random()).data].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([
      -2, 0, 1, 2, -0.4, 0.4,
    ]);
  });

  it("wants bytes, and says so", () => {
    const floats = valueRange.compile({})(pixels, random());
    expect(() => valueRange.compile({})(floats, random())).toThrow(
      "valueRange works on bytes, but the image is float32 already; put it before valueRange or normalise",
    );
  });

  it("goes between grey and colour", () => {
    expect([...toChannels.compile({ channels: 1 })(pixels, random()).data]).toEqual([59, 88]);
    const grey: Image = { height: 1, width: 2, channels: 1, data: Uint8Array.of(9, 4) };
    expect([...toChannels.compile({ channels: 3 })(grey, random()).data]).toEqual([9, 9, 9, 4, 4, 4]);
  });
});

describe("randomErasing", () => {
  const image: Image = { height: 40, width: 50, channels: 3, data: new Uint8Array(6000).fill(1) };

  it("erases one rectangle of the right area", () => {
    const apply = randomErasing.compile({ probability: 1, fill: 0 });
    for (let i = 0; i < 200; i++) {
      const { data } = apply(image, random(i));
      const erased = [...data.keys()].filter((at) => at % 3 === 0 && data[at] === 0).map((at) => at / 3);
      const rows = erased.map((at) => Math.floor(at / 50));
      const columns = erased.map((at) => at % 50);
      const box = (Math.max(...rows) - Math.min(...rows) + 1) * (Math.max(...columns) - Math.min(...columns) + 1);
      expect(erased).toHaveLength(box);
      expect(box / 2000).toBeGreaterThan(0.015);
      expect(box / 2000).toBeLessThan(0.36);
    }
  });

  it("leaves the given image alone", () => {
    randomErasing.compile({ probability: 1 })(image, random());
    expect(image.data.every((value) => value === 1)).toBe(true);
  });
});

describe("operations as data", () => {
  it("are plain, and survive a structured clone", () => {
    const op = inceptionCrop({ size: 32, area: [0.3, 1] });
    expect(structuredClone(op)).toEqual({ op: "inceptionCrop", options: { size: 32, area: [0.3, 1] } });
  });

  it("are checked where they are written", () => {
    expect(() => inceptionCrop({ size: 32, area: [0.5, 0.1] })).toThrow(
      "inceptionCrop area is [0.5,0.1]; give [least, most] with 0 < least <= most <= 1",
    );
  });

  it.each([
    [() => flip({ probabilty: 1 } as object), '"probabilty" is no option of flip; did you mean "prob'],
    [() => centralCrop({ size: 8, pad: 1 } as never), '"pad" is no option of centralCrop'],
    [() => randomCrop({ size: 8, pading: 4 } as never), '"pading" is no option of randomCrop; did you'],
    [() => randomCrop({ size: 8, fill: "mirror" as never }), 'randomCrop fill is "mirror"; give "black" or "reflect"'],
    [() => inceptionCrop({ size: 8, areas: [0, 1] } as never), 'no option of inceptionCrop; did you mean "area"'],
    [
      () => inceptionCrop({ size: 8, attempts: Number.NaN }),
      "inceptionCrop attempts is NaN; give an integer, 0 or more",
    ],
    [
      () => resize({ size: 8, filter: "lanczos" as never }),
      'resize filter is "lanczos"; give "bilinear" or "bicubic" or "area"',
    ],
    [() => resize({ size: 8, rounding: "up" as never }), 'resize rounding is "up"; give "nearest" or "down"'],
    [() => resizeSmall({ side: 8, antialais: true } as never), 'did you mean "antialias"?'],
    [() => randAugment({ layer: 3 } as object), 'did you mean "layers"?'],
    [() => colourJitter({ color: 1 } as object), '"color" is no option of colourJitter; its options are'],
    [() => randomErasing({ value: 0 } as object), '"value" is no option of randomErasing'],
    [() => randomErasing({ fill: "grey" as never }), 'randomErasing fill is "grey"; give a number, or "noise"'],
    [() => toChannels({ chanels: 3 } as never), 'did you mean "channels"?'],
    [() => valueRange({ min: 0 } as object), '"min" is no option of valueRange'],
    [() => valueRange({ low: Number.NaN }), "valueRange is from NaN to 1; give two numbers"],
    [() => normalise({ mean: [0.5], std: [0.5] } as never), '"std" is no option of normalise'],
  ])("refuse what is misspelt: %#", (make, message) => {
    expect(make).toThrow(message);
  });

  it("name the known ones when one is unknown", async () => {
    await expect(compileOps([{ op: "melt", options: {} }])).rejects.toThrow(
      /no operation "melt" in the built-in ones \(centralCrop, .*valueRange\); an operation of your own is exported/,
    );
  });
});
