import { fieldsOf, requireOneOf, requireOptions } from "../checks.ts";
import { heightAndWidth, type Size } from "../image.ts";
import { defineOp } from "../op.ts";
import { type ResizeOptions, resizeImage } from "../resize/resize.ts";
import { roundHalfEven } from "./sample-box.ts";

/** How to resample, without the part of the image that crops choose. */
export type Resampling = Omit<ResizeOptions, "box">;

/** @throws RangeError for an unknown option or word; `own` are the options of the operation beside these. */
export function requireResampling(given: Resampling, operation: string, own: readonly string[]): void {
  const fields = fieldsOf<Resampling>({ filter: true, antialias: true, rounding: true });
  requireOptions(given, operation, [...own, ...fields]);
  requireOneOf(`${operation} filter`, given.filter ?? "bilinear", ["bilinear", "bicubic", "area"]);
  requireOneOf(`${operation} rounding`, given.rounding ?? "nearest", ["nearest", "down"]);
}

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
