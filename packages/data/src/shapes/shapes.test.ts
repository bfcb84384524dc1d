import { describe, expect, it } from "vitest";
import { openSource } from "../open-source.ts";
import { keyOf } from "../random/threefry.ts";
import { type GeneratedShapesOptions, generatedShapes } from "../sources/generated-shapes.ts";
import { coverage } from "./coverage.ts";
import { outlines } from "./outlines.ts";
import { renderScene } from "./render.ts";
import { textures } from "./textures.ts";

const open = async (options: Partial<GeneratedShapesOptions>) =>
  openSource(generatedShapes({ length: 4096, side: 16, ...options }));

/** How often a condition on the sample number holds. */
function share(length: number, holds: (index: number) => boolean) {
  let count = 0;
  for (let index = 0; index < length; index++) if (holds(index)) count += 1;
  return count / length;
}

describe("coverage", () => {
  const scale = (radius: number, side: number) => ({
    xx: radius,
    xy: 0,
    x0: side / 2,
    yx: 0,
    yy: radius,
    y0: side / 2,
  });
  const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);

  it("of a rectangle is the share of each pixel", () => {
    const rectangle = [Float64Array.of(1.25, 1.5, 3.5, 1.5, 3.5, 3.25, 1.25, 3.25)];
    const place = { xx: 1, xy: 0, x0: 0, yx: 0, yy: 1, y0: 0 };
    expect([...coverage(rectangle, place, 4)]).toEqual([
      0, 0, 0, 0, 0, 0.375, 0.5, 0.25, 0, 0.75, 1, 0.5, 0, 0.1875, 0.25, 0.125,
    ]);
  });

  it("has the area of a disc, whole, mirrored, and cut by the border", () => {
    const disc = outlines.disc;
    const area = Math.PI * (0.88 * 20) ** 2;
    expect(sum(coverage(disc, scale(20, 64), 64)) / area).toBeCloseTo(1, 2);
    expect(sum(coverage(disc, { ...scale(20, 64), xx: -20 }, 64)) / area).toBeCloseTo(1, 2);
    expect(sum(coverage(disc, { ...scale(20, 64), x0: 0 }, 64)) / area).toBeCloseTo(0.5, 2);
    expect(sum(coverage(disc, { ...scale(20, 64), x0: 64, y0: 64 }, 64)) / area).toBeCloseTo(0.25, 2);
    expect(sum(coverage(disc, { ...scale(20, 64), x0: 200 }, 64))).toBe(0);
  });

  it("leaves the hole of a ring empty", () => {
    const covered = coverage(outlines.ring, scale(30, 64), 64);
    expect(covered[32 * 64 + 32]).toBeCloseTo(0, 6);
    expect(sum(covered) / (Math.PI * 900 * (0.95 ** 2 - 0.52 ** 2))).toBeCloseTo(1, 2);
  });

  it.each(Object.entries(outlines))("of the %s lies within the frame and fills a good part of it", (_name, outline) => {
    for (const points of outline) for (const value of points) expect(Math.abs(value)).toBeLessThanOrEqual(1.1);
    const filled = sum(coverage(outline, scale(32, 64), 64)) / 64 ** 2;
    expect(filled).toBeGreaterThan(0.15);
    expect(filled).toBeLessThan(0.75);
  });
});

describe("textures", () => {
  it.each(Object.entries(textures))("%s has ink and paper in fair shares", (_name, texture) => {
    const ink = share(10_000, (i) => texture(((i % 100) - 50) / 11, (Math.floor(i / 100) - 50) / 11, 5) > 0);
    expect(ink).toBeGreaterThan(0.15);
    expect(ink).toBeLessThan(0.7);
  });
});

describe("generatedShapes", () => {
  it("is a function of seed and number, and of nothing else", async () => {
    const [short, long, other] = [await open({ length: 32 }), await open({ length: 64 }), await open({ seed: 1 })];
    for (const index of [0, 5, 31]) {
      expect(await short.read(index)).toEqual(await long.read(index));
      expect((await short.read(index)).data).not.toEqual((await other.read(index)).data);
    }
  });

  it("draws the same pictures as when this test was written", () => {
    const means = Array.from({ length: 16 }, (_, i) => {
      const { data } = renderScene({ shape: i, texture: i, background: i % 4, group: i % 2 }, keyOf(i), 32);
      return Math.round(data.reduce((sum, value) => sum + value, 0) / data.length);
    });
    expect(means).toEqual([143, 163, 55, 65, 134, 83, 52, 138, 74, 61, 51, 51, 34, 147, 51, 54]);
  });

  it("has sixteen classes, equally frequent", async () => {
    const { classes, labels, attributes } = await open({});
    expect(classes).toHaveLength(16);
    expect(attributes.texture!.values).toHaveLength(16);
    for (let label = 0; label < 16; label++) expect(labels.filter((value) => value === label)).toHaveLength(256);
  });

  it("ties textures to shapes as strongly as asked: c + (1 - c) / 16", async () => {
    for (const textureCorrelation of [0, 0.5, 1]) {
      const { labels, attributes } = await open({ textureCorrelation });
      const matching = share(4096, (index) => attributes.texture!.of[index] === labels[index]);
      expect(matching).toBeCloseTo(textureCorrelation + (1 - textureCorrelation) / 16, 1);
    }
  });

  it("never matches under cue conflict, and uses all other textures", async () => {
    const { labels, attributes } = await open({ cueConflict: true, textureCorrelation: 1 });
    expect(share(4096, (index) => attributes.texture!.of[index] === labels[index])).toBe(0);
    const forDiscs = [...attributes.texture!.of].filter((_, index) => labels[index] === 0);
    expect(new Set(forDiscs).size).toBe(15);
  });

  it("has groups of the asked shares, tied to classes as asked", async () => {
    const rare = await open({ groupShare: 0.1 });
    expect(share(4096, (index) => rare.attributes.group!.of[index] === 1)).toBeCloseTo(0.1, 1);
    const tied = await open({ groupCorrelation: 0.8 });
    const agree = share(4096, (index) => tied.attributes.group!.of[index] === (tied.labels[index]! < 8 ? 0 : 1));
    expect(agree).toBeCloseTo(0.9, 1);
  });

  it("shows warm and cool light", async () => {
    const source = await open({ length: 200, side: 8 });
    const warmth = [0, 0];
    for (let index = 0; index < 200; index++) {
      const { data } = await source.read(index);
      for (let i = 0; i < data.length; i += 3) warmth[source.attributes.group!.of[index]!]! += data[i]! - data[i + 2]!;
    }
    expect(warmth[0]).toBeGreaterThan(0);
    expect(warmth[1]).toBeLessThan(0);
  });

  it("keeps the drawing when only the texture changes, so that the two can be told apart", async () => {
    const draw = (texture: number) => renderScene({ shape: 3, texture, background: 0, group: 0 }, keyOf(9), 64).data;
    const [a, b] = [draw(0), draw(5)];
    const silhouette = coverageOf(a, b);
    expect(silhouette).toBeGreaterThan(0.05);
    expect(silhouette).toBeLessThan(0.4);
  });

  it("draws silhouettes in black on white", async () => {
    const { data } = await (await open({ look: "silhouette" })).read(9);
    expect(Math.min(...data)).toBe(0);
    expect(Math.max(...data)).toBe(255);
    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255]);
  });

  it.each([
    [{ length: 0 }, "length of generatedShapes is 0; give an integer, 1 or more"],
    [{ length: 1e15 }, "a number for each of 1000000000000000 samples would take 4000000 GB, and this machine has"],
    [{ side: 1e6 }, "side of generatedShapes is 1000000; give an integer from 8 to 8192"],
    [{ look: "ful" }, 'look of generatedShapes is "ful"; give "full" or "silhouette"'],
    [{ lenght: 4 }, '"lenght" is no option of generatedShapes; did you mean "length"?'],
    [{ groupShare: 1.5 }, "generatedShapes groupShare is 1.5; give a share from 0 to 1"],
  ])("refuses %j", async (options, message) => {
    await expect(open(options as Partial<GeneratedShapesOptions>)).rejects.toThrow(message);
  });
});

/** Share of pixels that differ between two RGB images. */
function coverageOf(a: Uint8Array, b: Uint8Array) {
  return share(a.length / 3, (pixel) => a[3 * pixel] !== b[3 * pixel]);
}
