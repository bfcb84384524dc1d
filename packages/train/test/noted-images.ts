import { defineSource } from "@vitscale/data";

/** Numbers of the images that were read in this thread, in order. */
export const readImages: number[] = [];

/** A data set of black images that notes what is read of it. */
export const notedImages = defineSource(
  "notedImages",
  {
    catalog: ({ length }: { readonly length: number }) => ({
      classes: ["even", "odd"],
      labels: Int32Array.from({ length }, (_, i) => i % 2),
    }),
    open: () => ({
      read(index) {
        readImages.push(index);
        return { height: 8, width: 8, channels: 3, data: new Uint8Array(8 * 8 * 3) };
      },
      nameOf: (index) => `number ${index}`,
      async close() {},
    }),
  },
  import.meta.url,
);
