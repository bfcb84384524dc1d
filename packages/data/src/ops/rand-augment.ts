import { requireOptions } from "../checks.ts";
import { type ByteImage, requireBytes } from "../image.ts";
import { defineOp } from "../op.ts";
import type { Random } from "../random/random.ts";
import { brightness, contrast, saturation, sharpness } from "./colour.ts";
import { autoContrast, equalize, invert, posterize, solarize, solarizeAdd } from "./tone.ts";
import { rotation, shearX, shearY, translation, warp } from "./warp.ts";

/** What moves in from outside the image. */
const fill = 128;

/** A distortion of an image; `share` is the magnitude over 10, the largest magnitude the reference foresees. */
type Distort = (image: ByteImage, share: number, random: Random) => ByteImage;

const sign = (random: Random) => (random.chance(0.5) ? 1 : -1);
const enhance = (share: number) => 1.8 * share + 0.1;
// The reference moves by 100 pixels and cuts squares of 80 at most, in images of 224.
const shift = (side: number, share: number, random: Random) => sign(random) * Math.round(side * (100 / 224) * share);

/** The sixteen distortions, with the magnitudes of the reference. */
export const distortions = {
  autoContrast,
  equalize,
  invert,
  rotate: (image, share, random) => warp(image, rotation(sign(random) * 30 * share, image), fill),
  posterize: (image, share) => posterize(image, Math.min(8, Math.floor(4 * share))),
  solarize: (image, share) => solarize(image, Math.floor(256 * share)),
  colour: (image, share) => saturation(image, enhance(share)),
  contrast: (image, share) => contrast(image, enhance(share)),
  brightness: (image, share) => brightness(image, enhance(share)),
  sharpness: (image, share) => sharpness(image, enhance(share)),
  shearX: (image, share, random) => warp(image, shearX(sign(random) * 0.3 * share), fill),
  shearY: (image, share, random) => warp(image, shearY(sign(random) * 0.3 * share), fill),
  translateX: (image, share, random) => warp(image, translation(shift(image.width, share, random), 0), fill),
  translateY: (image, share, random) => warp(image, translation(0, shift(image.height, share, random)), fill),
  cutout: (image, share, random) => {
    const half = Math.round(Math.min(image.height, image.width) * (40 / 224) * share);
    const [y, x] = [random.integer(image.height), random.integer(image.width)];
    return paint(image, y - half, x - half, 2 * half);
  },
  solarizeAdd: (image, share) => solarizeAdd(image, Math.floor(110 * share)),
} satisfies Record<string, Distort>;

/** The image with a grey square, clipped to it. */
function paint(image: ByteImage, top: number, left: number, side: number): ByteImage {
  const data = Uint8Array.from(image.data);
  const first = Math.max(0, left) * image.channels;
  const end = Math.min(image.width, left + side) * image.channels;
  for (let row = Math.max(0, top); row < Math.min(image.height, top + side); row++) {
    const start = row * image.width * image.channels;
    if (end > first) data.fill(fill, start + first, start + end);
  }
  return { ...image, data };
}

/** Options of {@link randAugment}. */
export interface RandAugmentOptions {
  /** Distortions applied one after another. */
  readonly layers?: number;
  /** Strength of all of them; 10 is strong. AugReg uses 0, 10, 15 and 20. */
  readonly magnitude?: number;
  /** The distortions drawn from. */
  readonly distortions?: readonly (keyof typeof distortions)[];
}

/**
 * RandAugment: `layers` distortions, each drawn from sixteen with equal chance, all of one magnitude.
 *
 * Cubuk et al. 2019, arXiv 1909.13719; the list and the magnitudes are those of the authors' TensorFlow code (EfficientNet's
 * `autoaugment.py`, forked by big_vision), which "How to train your ViT" and "Better plain ViT baselines" used. It differs
 * from the paper's table (16 distortions for 14, magnitudes to 10 for 30) and from timm. Shifts and cut-outs scale with
 * the image. Magnitude 0 is not nothing (solarize inverts, posterize leaves no bits), and above 10 posterize and solarize do
 * less and less: so it is there.
 */
export const randAugment = defineOp(
  "randAugment",
  ({ layers = 2, magnitude = 10, distortions: names = allNames, ...others }: RandAugmentOptions) => {
    requireOptions(others, "randAugment", ["layers", "magnitude", "distortions"]);
    if (!Number.isInteger(layers) || layers < 0)
      throw new RangeError(`randAugment layers is ${layers}; give 0, 1, 2, ...`);
    if (!(magnitude >= 0 && magnitude <= 30)) {
      throw new RangeError(`randAugment magnitude is ${magnitude}; give a number from 0 to 30`);
    }
    const unknown = names.find((name) => !Object.hasOwn(distortions, name));
    if (unknown !== undefined || names.length === 0) {
      throw new RangeError(`randAugment draws from [${names}]; name some of ${allNames.join(", ")}`);
    }
    return (image, random) => {
      let bytes = requireBytes(image, "randAugment");
      for (let layer = 0; layer < layers; layer++) {
        bytes = distortions[random.pick(names)](bytes, magnitude / 10, random);
      }
      return bytes;
    };
  },
);

const allNames = Object.keys(distortions) as (keyof typeof distortions)[];
