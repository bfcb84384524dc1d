import { heightAndWidth, type Size } from "../image.ts";
import { defineOp } from "../op.ts";
import { type Resampling, requireResampling, resizeImage } from "../resize/resize.ts";
import { roundHalfEven } from "./sample-box.ts";

/** Resizes to a fixed size; the aspect ratio follows the size. */
export const resize = defineOp("resize", ({ size, ...resampling }: { readonly size: Size } & Resampling) => {
  requireResampling(resampling, "resize", ["size"]);
  const [height, width] = heightAndWidth(size, "resize size");
  return (image) => resizeImage(image, height, width, resampling);
});

/**
 * Resizes so that the smaller side becomes `side`, keeping the aspect ratio.
 *
 * The default filter is `area`, as in big_vision's `resize_small`; the other side is rounded halves to even, as there.
 */
export const resizeSmall = defineOp(
  "resizeSmall",
  ({ side, filter = "area", ...others }: { readonly side: number } & Resampling) => {
    const resampling = { filter, ...others };
    requireResampling(resampling, "resizeSmall", ["side"]);
    heightAndWidth(side, "resizeSmall side");
    return (image) => {
      const factor = side / Math.min(image.height, image.width);
      const [height, width] = [image.height, image.width].map((length) => roundHalfEven(length * factor));
      return resizeImage(image, height!, width!, resampling);
    };
  },
);
