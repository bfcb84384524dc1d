import type { ByteImage } from "@vitscale/data";

/** An image of interleaved channels (HWC) in double precision, 0 to 1 where it stands for pixels. */
export interface Raster {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float64Array;
}

/** Bytes as 0 to 1. */
export function rasterOf({ data, ...size }: ByteImage): Raster {
  return { ...size, data: Float64Array.from(data, (byte) => byte / 255) };
}

/** A field of one channel whose values are drawn row by row. */
export function fieldOf(height: number, width: number, value: () => number): Raster {
  return { height, width, channels: 1, data: Float64Array.from({ length: height * width }, value) };
}

/** The raster with every value replaced. */
export function mapRaster(raster: Raster, f: (value: number, index: number) => number): Raster {
  return { ...raster, data: raster.data.map(f) };
}

/** Values clipped to 0 to 1 as bytes, rounded down: the published corruptions end in NumPy's cast to uint8, which does. */
export function bytesOf({ data, ...size }: Raster): ByteImage {
  return { ...size, data: Uint8Array.from(data, (value) => Math.floor(255 * Math.max(0, Math.min(1, value)))) };
}
