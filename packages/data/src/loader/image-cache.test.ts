import { describe, expect, it } from "vitest";
import type { Image } from "../image.ts";
import { cachedImage, cacheImage, createImageCache } from "./image-cache.ts";

const image = (value: number, height = 2): Image => ({
  height,
  width: 3,
  channels: 1,
  data: new Uint8Array(height * 3).fill(value),
});

describe("the image cache", () => {
  it("gives back what it was given, of any size", () => {
    const cache = createImageCache(3, 1000);
    cacheImage(cache, 0, image(7));
    cacheImage(cache, 2, image(9, 5));
    expect(cachedImage(cache, 0)).toEqual(image(7));
    expect(cachedImage(cache, 1)).toBeUndefined();
    expect(cachedImage(cache, 2)).toEqual(image(9, 5));
  });

  it("stays within its memory, and keeps what it has", () => {
    // Six bytes take a block of 16: two fit into 40.
    const cache = createImageCache(4, 40);
    for (let sample = 0; sample < 4; sample++) cacheImage(cache, sample, image(sample));
    expect([0, 1, 2, 3].map((sample) => cachedImage(cache, sample)?.data[0])).toEqual([0, 1, undefined, undefined]);
    expect(cache.bytes.length).toBe(32);
  });

  it("keeps the first of two images for a sample, and no floats", () => {
    const cache = createImageCache(2, 100);
    cacheImage(cache, 0, image(1));
    cacheImage(cache, 0, image(2));
    expect(cachedImage(cache, 0)!.data[0]).toBe(1);
    cacheImage(cache, 1, { ...image(1), data: new Float32Array(6) });
    expect(cachedImage(cache, 1)).toBeUndefined();
  });
});
