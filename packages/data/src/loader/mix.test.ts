import { describe, expect, it } from "vitest";
import { fold, keyOf } from "../random/threefry.ts";
import { cutmix, drawMix, mixImages, mixLabels, mixup, partnerOf } from "./mix.ts";

const key = (i: number) => fold(keyOf(11), i);

describe("mixup", () => {
  it("draws coefficients of a folded Beta distribution", () => {
    // max(a, 1 - a) of a uniform a has mean 3/4.
    const drawn = Array.from({ length: 4000 }, (_, i) => drawMix([mixup({ alpha: 1 })], key(i), 8, 8)!.coefficient);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0.5);
    expect(drawn.reduce((sum, value) => sum + value, 0) / drawn.length).toBeCloseTo(0.75, 2);
  });

  it("mixes each row with the one before it, images and labels alike", () => {
    // Three rows of two pixels: a x[i] + (1 - a) x[i - 1] with a = 3/4, by hand.
    const images = Float32Array.of(0, 4, 8, 12, 16, 20);
    const drawn = { apply: "host", coefficient: 0.75 } as const;
    mixImages(images, 3, drawn, 2, 1);
    expect([...images]).toEqual([4, 8, 6, 10, 14, 18]);
    const labels = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
    mixLabels(labels, 3, drawn);
    expect([...labels]).toEqual([0.75, 0, 0.25, 0.25, 0.75, 0, 0, 0.25, 0.75]);
    expect([0, 1, 2].map((row) => partnerOf(row, 3))).toEqual([2, 0, 1]);
  });

  it("rounds bytes", () => {
    const images = Uint8Array.of(0, 3);
    mixImages(images, 2, { apply: "host", coefficient: 0.5 }, 1, 1);
    expect([...images]).toEqual([2, 2]);
  });

  it("leaves a share of batches alone", () => {
    const drawn = Array.from({ length: 1000 }, (_, i) => drawMix([mixup({ probability: 0.3 })], key(i), 8, 8)!);
    const mixed = drawn.filter(({ coefficient }) => coefficient < 1).length;
    expect(mixed).toBeGreaterThan(240);
    expect(mixed).toBeLessThan(360);
  });

  it("refuses what is no distribution", () => {
    expect(() => mixup({ alpha: 0 })).toThrow(
      "mixup has alpha 0 and probability 1; give alpha above 0 and a share of batches from 0 to 1",
    );
    expect(() => mixup({ alpha: Number.POSITIVE_INFINITY })).toThrow("mixup has alpha Infinity");
    expect(() => mixup({ alfa: 1 } as object)).toThrow('"alfa" is no field of a mix; did you mean "alpha"?');
    expect(() => cutmix({ apply: "graph" } as object)).toThrow('apply of cutmix is "graph"; give "host"');
  });
});

describe("cutmix", () => {
  it("takes a rectangle of the partner, and counts its pixels for the labels", () => {
    for (let i = 0; i < 300; i++) {
      const drawn = drawMix([cutmix({})], key(i), 6, 10)!;
      // Two images of one channel: all 1, all 2.
      const images = Uint8Array.from({ length: 120 }, (_, at) => (at < 60 ? 1 : 2));
      mixImages(images, 2, drawn, 10, 1);
      const foreign = images.subarray(0, 60).filter((value) => value === 2).length;
      expect(foreign / 60).toBeCloseTo(1 - drawn.coefficient, 12);
      expect(images.subarray(60).filter((value) => value === 1)).toHaveLength(foreign);
    }
  });

  it("is drawn among several kinds", () => {
    const drawn = Array.from({ length: 400 }, (_, i) => drawMix([cutmix({}), mixup({})], key(i), 8, 8)!);
    const boxes = drawn.filter(({ box }) => box !== undefined).length;
    expect(boxes).toBeGreaterThan(150);
    expect(boxes).toBeLessThan(250);
  });
});
