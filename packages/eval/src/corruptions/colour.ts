import type { ByteImage } from "@vitscale/data";
import { bytesOf, mapRaster, rasterOf } from "./raster.ts";

/** More or less of the value of HSV; hue and saturation stay. Grey images become brighter. */
export function brightness(image: ByteImage, addition: number): ByteImage {
  const brighter = (value: number) => Math.max(0, Math.min(1, value + addition));
  if (image.channels !== 3) return bytesOf(mapRaster(rasterOf(image), brighter));
  // A colour of fixed hue and saturation is in proportion to its value; black becomes grey.
  return perPixel(image, (pixel, value) => pixel.map((part) => (value > 0 ? part / value : 1) * brighter(value)));
}

/** Saturation of HSV times a factor plus an addition. Grey pixels have the hue 0, so an addition makes them reddish. */
export function saturate(image: ByteImage, [factor, addition]: readonly [number, number]): ByteImage {
  if (image.channels !== 3) return image;
  return perPixel(image, (pixel, value) => {
    const least = Math.min(...pixel);
    const saturation = value > 0 ? (value - least) / value : 0;
    const wanted = Math.max(0, Math.min(1, saturation * factor + addition));
    // How far each channel lies below the value, of what the saturation allows: 0 for the largest, 1 for the least.
    const below = saturation > 0 ? pixel.map((part) => (value - part) / (value - least)) : [0, 1, 1];
    return below.map((share) => value * (1 - wanted * share));
  });
}

/** Differences from the mean of each channel times a factor. */
export function contrast(image: ByteImage, factor: number): ByteImage {
  const raster = rasterOf(image);
  const { channels } = image;
  const means = new Float64Array(channels);
  for (const [i, value] of raster.data.entries()) means[i % channels]! += value;
  for (let channel = 0; channel < channels; channel++) means[channel]! /= image.height * image.width;
  return bytesOf(mapRaster(raster, (value, i) => (value - means[i % channels]!) * factor + means[i % channels]!));
}

/** Replaces the three channels of each pixel, given them and the largest. */
function perPixel(image: ByteImage, f: (pixel: number[], value: number) => number[]): ByteImage {
  const raster = rasterOf(image);
  const { data } = raster;
  for (let i = 0; i < data.length; i += 3) {
    const pixel = [data[i]!, data[i + 1]!, data[i + 2]!];
    data.set(f(pixel, Math.max(...pixel)), i);
  }
  return bytesOf(raster);
}
