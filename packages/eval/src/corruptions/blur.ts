import type { ByteImage, Random } from "@vitscale/data";
import { gaussianBlurred, zoomedIn } from "./along-axes.ts";
import { bytesOf, mapRaster, rasterOf } from "./raster.ts";
import { diskTaps, motionTaps, weightedSum } from "./taps.ts";

/** A Gaussian of a standard deviation in pixels. */
export function gaussianBlur(image: ByteImage, deviation: number): ByteImage {
  return bytesOf(gaussianBlurred(rasterOf(image), deviation));
}

/** A lens out of focus: every point becomes a disk of a radius in pixels with a softened edge. */
export function defocusBlur(image: ByteImage, [radius, softening]: readonly [number, number]): ByteImage {
  return bytesOf(weightedSum(rasterOf(image), diskTaps(radius, softening), "reflect"));
}

/** A camera that moves, in a direction within 45° of the horizontal. */
export function motionBlur(
  image: ByteImage,
  [radius, deviation]: readonly [number, number],
  random: Random,
): ByteImage {
  const taps = motionTaps(radius, deviation, random.uniform(-45, 45));
  return bytesOf(weightedSum(rasterOf(image), taps, "nearest"));
}

/** A camera that moves forward: the mean of the image and enlargements of its middle by factors 1, 1 + step, … below `end`. */
export function zoomBlur(image: ByteImage, [end, step]: readonly [number, number]): ByteImage {
  const raster = rasterOf(image);
  const sum = raster.data.slice();
  // NumPy's arange rounds the number of factors up, and so did the published images: 1.11 itself is among those below 1.11.
  const factors = Array.from({ length: Math.ceil((end - 1) / step) }, (_, i) => 1 + i * (1 + step - 1));
  for (const factor of factors) {
    const { data } = zoomedIn(raster, factor);
    for (let i = 0; i < sum.length; i++) sum[i]! += data[i]!;
  }
  return bytesOf(mapRaster({ ...raster, data: sum }, (value) => value / (factors.length + 1)));
}

/**
 * Frosted glass: smoothed, pixels replaced by random near ones, smoothed again.
 *
 * The published code means to swap pixels, but as NumPy's rows are views it copies the other one; so does this.
 */
export function glassBlur(
  image: ByteImage,
  [deviation, shift, passes]: readonly [number, number, number],
  random: Random,
): ByteImage {
  const { height, width, channels } = image;
  const { data } = bytesOf(gaussianBlurred(rasterOf(image), deviation));
  for (let pass = 0; pass < passes; pass++) {
    for (let row = height - shift; row > shift; row--) {
      for (let column = width - shift; column > shift; column--) {
        const right = random.integer(2 * shift) - shift;
        const down = random.integer(2 * shift) - shift;
        const from = ((row + down) * width + column + right) * channels;
        const to = (row * width + column) * channels;
        for (let channel = 0; channel < channels; channel++) data[to + channel] = data[from + channel]!;
      }
    }
  }
  return bytesOf(gaussianBlurred(rasterOf({ ...image, data }), deviation));
}
