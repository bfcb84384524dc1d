import { requireOptions, shown } from "../checks.ts";
import { defineOp } from "../op.ts";

/** Options of {@link randomErasing}; the defaults are timm's and torchvision's, but for the probability (timm 0.25). */
export interface RandomErasingOptions {
  readonly probability?: number;
  /** Share of the image's area that is erased. */
  readonly area?: readonly [least: number, most: number];
  /** Height over width of the rectangle; its logarithm is drawn uniformly. */
  readonly aspect?: readonly [least: number, most: number];
  /** A value for every pixel, or noise: uniform bytes, standard normal floats. */
  readonly fill?: number | "noise";
}

/** Replaces a random rectangle (Zhong et al. 2017, arXiv 1708.04896). Works on bytes and on floats. */
export const randomErasing = defineOp(
  "randomErasing",
  ({
    probability = 0.25,
    area = [0.02, 1 / 3],
    aspect = [0.3, 1 / 0.3],
    fill = "noise",
    ...others
  }: RandomErasingOptions) => {
    requireOptions(others, "randomErasing", ["probability", "area", "aspect", "fill"]);
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(`randomErasing probability is ${probability}; give a number from 0 to 1`);
    }
    if (!(area[0] > 0 && area[0] <= area[1] && area[1] <= 1 && aspect[0] > 0 && aspect[0] <= aspect[1])) {
      throw new RangeError(
        `randomErasing has area [${area}] and aspect [${aspect}]; give [least, most], above 0, areas at most 1`,
      );
    }
    if (fill !== "noise" && !Number.isFinite(fill)) {
      throw new RangeError(`randomErasing fill is ${shown(fill)}; give a number, or "noise"`);
    }
    const [least, most] = aspect.map(Math.log) as [number, number];
    return (image, random) => {
      if (!random.chance(probability)) return image;
      const { height, width, channels } = image;
      // A rectangle that does not fit is drawn again; after ten the image stays whole, as in timm.
      for (let attempt = 0; attempt < 10; attempt++) {
        const pixels = random.uniform(area[0], area[1]) * height * width;
        const ratio = Math.exp(random.uniform(least, most));
        const boxHeight = Math.round(Math.sqrt(pixels * ratio));
        const boxWidth = Math.round(Math.sqrt(pixels / ratio));
        if (boxHeight >= height || boxWidth >= width) continue;
        const top = random.integer(height - boxHeight + 1);
        const left = random.integer(width - boxWidth + 1);
        const data = image.data.slice();
        const bytes = data instanceof Uint8Array;
        for (let row = top; row < top + boxHeight; row++) {
          const start = (row * width + left) * channels;
          for (let i = start; i < start + boxWidth * channels; i++) {
            data[i] = fill !== "noise" ? fill : bytes ? random.integer(256) : random.normal();
          }
        }
        return { ...image, data };
      }
      return image;
    };
  },
);
