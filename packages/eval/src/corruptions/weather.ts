import type { ByteImage, Random } from "@vitscale/data";
import { zoomedIn } from "./along-axes.ts";
import { plasma, powerOfTwo } from "./plasma.ts";
import { bytesOf, fieldOf, mapRaster, rasterOf } from "./raster.ts";
import { motionTaps, weightedSum } from "./taps.ts";

/** Clouds of a strength laid over an image whose contrast shrinks with it. */
export function fog(image: ByteImage, [strength, decay]: readonly [number, number], random: Random): ByteImage {
  const raster = rasterOf(image);
  const { height, width, channels } = image;
  const size = powerOfTwo(Math.max(height, width));
  const clouds = plasma(size, decay, random);
  const most = raster.data.reduce((a, b) => Math.max(a, b));
  return bytesOf(
    mapRaster(raster, (value, i) => {
      const pixel = Math.floor(i / channels);
      const cloud = clouds[Math.floor(pixel / width) * size + (pixel % width)]!;
      return ((value + strength * cloud) * most) / (most + strength);
    }),
  );
}

/**
 * Ice on the window: the image weakened, plus a random part of an overlay weakened.
 *
 * The published corruption takes one of five photographs. They are not part of this package: where no `overlays` are given, ice is
 * drawn ({@link drawnIce}), and results are of the kind but not comparable to published ones.
 */
export function frost(
  image: ByteImage,
  [keep, ice]: readonly [number, number],
  random: Random,
  overlays: readonly ByteImage[] = [],
): ByteImage {
  const { height, width, channels, data } = image;
  const overlay = overlays.length > 0 ? random.pick(overlays) : drawnIce(height + 1, width + 1, random);
  if (overlay.height <= height || overlay.width <= width || overlay.channels !== 3) {
    throw new RangeError(
      `a frost overlay of ${overlay.height}x${overlay.width}x${overlay.channels} on an image of ${height}x${width}; give RGB ` +
        "overlays that are larger than the images",
    );
  }
  const top = random.integer(overlay.height - height);
  const left = random.integer(overlay.width - width);
  const result = Uint8Array.from(data, (byte, i) => {
    const pixel = Math.floor(i / channels);
    const from = ((top + Math.floor(pixel / width)) * overlay.width + left + (pixel % width)) * 3;
    const [red, green, blue] = overlay.data.subarray(from, from + 3);
    const layer = channels === 3 ? overlay.data[from + (i % 3)]! : 0.299 * red! + 0.587 * green! + 0.114 * blue!;
    return Math.min(255, Math.floor(keep * byte + ice * layer));
  });
  return { ...image, data: result };
}

/** Ice as it grows on a window: bright veins along the ridges of a fine plasma, thicker towards one side, bluish. */
export function drawnIce(height: number, width: number, random: Random): ByteImage {
  const size = powerOfTwo(Math.max(height, width));
  const [veins, cover] = [plasma(size, 1.7, random), plasma(size, 2.2, random)];
  const data = new Uint8Array(height * width * 3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const place = row * size + column;
      const ridge = 1 - Math.abs(2 * veins[place]! - 1);
      const light = Math.min(1, 0.25 + 0.55 * cover[place]! + 0.5 * ridge ** 4);
      data.set([200 * light, 225 * light, 255 * light], (row * width + column) * 3);
    }
  }
  return { height, width, channels: 3, data };
}

/** Parameters of {@link snow}. */
export type SnowParameters = readonly [
  mean: number,
  deviation: number,
  zoom: number,
  threshold: number,
  blurRadius: number,
  blurDeviation: number,
  keep: number,
];

/** Flakes blown by the wind, from two sides, over an image that turns white. */
export function snow(image: ByteImage, parameters: SnowParameters, random: Random): ByteImage {
  const [mean, deviation, zoom, threshold, blurRadius, blurDeviation, keep] = parameters;
  const { height, width, channels, data } = image;
  const noise = fieldOf(height, width, () => mean + deviation * random.normal());
  const flakes = mapRaster(zoomedIn(noise, zoom), (value) =>
    value < threshold ? 0 : Math.floor(255 * Math.min(1, Math.max(0, value))) / 255,
  );
  const blown = weightedSum(flakes, motionTaps(blurRadius, blurDeviation, random.uniform(-135, -45)), "nearest");
  // The published code passes the flakes through images of bytes.
  const layer = blown.data.map((value) => Math.round(255 * value) / 255);
  return bytesOf(
    mapRaster(rasterOf(image), (value, i) => {
      const pixel = Math.floor(i / channels);
      const [red = 0, green = red, blue = red] = data.subarray(pixel * channels, pixel * channels + channels);
      const grey = (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
      const whitened = keep * value + (1 - keep) * Math.max(value, 1.5 * grey + 0.5);
      return whitened + layer[pixel]! + layer[layer.length - 1 - pixel]!;
    }),
  );
}
