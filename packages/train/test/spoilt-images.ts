import { defineSource } from "@vitscale/data";

/** Numbers of the images that were read in this thread, in order. */
export const readSpoilt: number[] = [];

interface SpoiltOptions {
  readonly length: number;
  /** Number of the image with a pixel that is no number. */
  readonly spoilt: number;
}

/** A data set of 16 classes whose images are waves of floats, 16 × 16, but for one: that has a pixel which is no number. */
export const spoiltImages = defineSource(
  "spoiltImages",
  {
    catalog: ({ length }: SpoiltOptions) => ({
      classes: Array.from({ length: 16 }, (_, label) => `wave ${label}`),
      labels: Int32Array.from({ length }, (_, i) => i % 16),
    }),
    open: ({ spoilt }: SpoiltOptions) => ({
      read(index) {
        readSpoilt.push(index);
        const data = Float32Array.from({ length: 16 * 16 * 3 }, (_, i) => Math.sin((i * (index + 1)) / 50));
        if (index === spoilt) data[100] = Number.NaN;
        return { height: 16, width: 16, channels: 3, data };
      },
      nameOf: (index) => `wave ${index}`,
      async close() {},
    }),
  },
  import.meta.url,
);
