import { defineOp } from "../src/op.ts";
import { defineSource } from "../src/source.ts";

/** An operation of a user's own module: adds to every byte. */
export const add = defineOp(
  "add",
  ({ amount }: { readonly amount: number }) =>
    (image) => ({ ...image, data: Uint8Array.from(image.data, (value) => value + amount) }),
  import.meta.url,
);

/** An operation that ends its thread at an image that begins with a byte, as a crash in a native decoder would. */
export const crash = defineOp(
  "crash",
  ({ at }: { readonly at: number }) =>
    (image) => {
      if (image.data[0] === at) process.exit(7);
      return image;
    },
  import.meta.url,
);

/** A data set of a user's own module: image i is the byte i, and its class is i modulo 2. */
export const countingImages = defineSource(
  "countingImages",
  {
    catalog: ({ length }: { readonly length: number }) => ({
      classes: ["even", "odd"],
      labels: Int32Array.from({ length }, (_, i) => i % 2),
    }),
    open: () => ({
      read: (index) => ({ height: 1, width: 1, channels: 1, data: Uint8Array.of(index) }),
      nameOf: (index) => `number ${index}`,
      async close() {},
    }),
  },
  import.meta.url,
);
