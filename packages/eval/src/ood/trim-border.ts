import { defineOp } from "@vitscale/data";

// Workers import the operation from the module that it was defined in; the built package has one file for its operations.
const module = import.meta.url.endsWith(".ts") ? import.meta.url : new URL("./operations.js", import.meta.url).href;

/**
 * Takes `pixels` away on every side: ObjectNet's images have a thin red border, so that nobody trains on them unawares.
 *
 * @throws RangeError when nothing of an image would be left
 */
export const trimBorder = defineOp(
  "trimBorder",
  ({ pixels }: { readonly pixels: number }) => {
    if (!Number.isInteger(pixels) || pixels < 0) throw new RangeError(`trimBorder of ${pixels} pixels; give 0 or more`);
    return (image) => {
      const { channels } = image;
      const [height, width] = [image.height - 2 * pixels, image.width - 2 * pixels];
      if (height < 1 || width < 1) {
        throw new RangeError(
          `trimBorder of ${pixels} pixels leaves nothing of an image of ${image.height}x${image.width}`,
        );
      }
      const data = image.data.slice(0, height * width * channels);
      for (let row = 0; row < height; row++) {
        const from = ((row + pixels) * image.width + pixels) * channels;
        data.set(image.data.subarray(from, from + width * channels), row * width * channels);
      }
      return { height, width, channels, data };
    };
  },
  module,
);
