import { requireOptions } from "../checks.ts";
import { type ByteImage, requireBytes } from "../image.ts";
import { defineOp } from "../op.ts";
import { brightness, contrast, hue, saturation } from "./colour.ts";

/** Options of {@link colourJitter}: strengths, 0 where not given. */
export interface ColourJitterOptions {
  /** The factor is uniform in [max(0, 1 - strength), 1 + strength]. */
  readonly brightness?: number;
  readonly contrast?: number;
  readonly saturation?: number;
  /** The turn is uniform in [-strength, strength], as parts of the circle, at most 0.5. */
  readonly hue?: number;
}

/** Random brightness, contrast, saturation and hue, in random order, with torchvision's `ColorJitter` ranges. */
export const colourJitter = defineOp("colourJitter", (options: ColourJitterOptions) => {
  requireOptions(options, "colourJitter", ["brightness", "contrast", "saturation", "hue"]);
  for (const [name, strength] of Object.entries(options)) {
    if (!(strength >= 0 && (name !== "hue" || strength <= 0.5))) {
      throw new RangeError(
        `colourJitter ${name} is ${strength}; give 0 or more${name === "hue" ? ", at most 0.5" : ""}`,
      );
    }
  }
  const factors = [
    [brightness, options.brightness ?? 0],
    [contrast, options.contrast ?? 0],
    [saturation, options.saturation ?? 0],
  ] as const;
  return (image, random) => {
    // All four factors are drawn, used or not: the strength of one does not change the draws of another.
    const steps = factors.map(([adjust, strength]) => {
      const factor = random.uniform(Math.max(0, 1 - strength), 1 + strength);
      return (bytes: ByteImage) => (strength === 0 ? bytes : adjust(bytes, factor));
    });
    const turn = random.uniform(-1, 1) * (options.hue ?? 0);
    steps.push((bytes) => (turn === 0 ? bytes : hue(bytes, turn)));
    let bytes = requireBytes(image, "colourJitter");
    for (const step of random.permutation(4)) bytes = steps[step]!(bytes);
    return bytes;
  };
});
