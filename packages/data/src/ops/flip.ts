import { requireOptions } from "../checks.ts";
import { defineOp } from "../op.ts";

/** Mirrors the image left to right with a probability, 0.5 if not given. */
export const flip = defineOp("flip", ({ probability = 0.5, ...others }: { readonly probability?: number }) => {
  requireOptions(others, "flip", ["probability"]);
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`flip probability is ${probability}; give a number from 0 to 1`);
  }
  return (image, random) => {
    if (!random.chance(probability)) return image;
    const { width, channels } = image;
    const data = image.data.slice();
    for (let row = 0; row < data.length; row += width * channels) {
      for (let column = 0; column < width; column++) {
        const from = row + (width - 1 - column) * channels;
        const to = row + column * channels;
        for (let channel = 0; channel < channels; channel++) data[to + channel] = image.data[from + channel]!;
      }
    }
    return { ...image, data };
  };
});
