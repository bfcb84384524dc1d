import type { ByteImage, Random } from "@vitscale/data";
import { alongAxes, boxWeights, gaussianBlurred } from "./along-axes.ts";
import { type Border, pixelAt } from "./border.ts";
import { bytesOf, fieldOf, type Raster, rasterOf } from "./raster.ts";

/** Shrunk to a share of both sides and enlarged again, by boxes. */
export function pixelate(image: ByteImage, share: number): ByteImage {
  const { height, width } = image;
  const [rows, columns] = [height, width].map((side) => Math.max(1, Math.floor(side * share)));
  // PIL rounds to bytes after each axis.
  const toByte = (value: number) => Math.floor(value + 0.5);
  const bytes: Raster = { ...image, data: Float64Array.from(image.data) };
  const small = alongAxes(bytes, boxWeights(width, columns!), boxWeights(height, rows!), toByte);
  const rounded = { ...small, data: small.data.map(toByte) };
  const large = alongAxes(rounded, boxWeights(columns!, width), boxWeights(rows!, height), toByte);
  return { ...image, data: Uint8Array.from(large.data, toByte) };
}

/**
 * A random affine distortion, then every pixel moved by a smooth random field.
 *
 * @param parameters strength of the field, its smoothness (standard deviation) and the largest shift of the affine map's three
 *   points, all in pixels
 */
export function elasticTransform(
  image: ByteImage,
  [strength, smoothness, shift]: readonly [number, number, number],
  random: Random,
): ByteImage {
  const { height, width } = image;
  const toSource = randomAffine(height, width, shift, random);
  const field = () => {
    const noise = fieldOf(height, width, () => random.uniform(-1, 1));
    return gaussianBlurred(noise, smoothness, "symmetric", 3).data;
  };
  const turned = sampled(rasterOf(image), toSource, "reflect");
  const [right, down] = [field(), field()];
  const moved = sampled(
    turned,
    (x, y) => {
      const pixel = y * width + x;
      return [x + strength * right[pixel]!, y + strength * down[pixel]!];
    },
    "symmetric",
  );
  return bytesOf(moved);
}

type Point = readonly [x: number, y: number];

/** The affine map of three points, each shifted by up to `shift` in both directions, back to where they were. */
function randomAffine(height: number, width: number, shift: number, random: Random): (x: number, y: number) => Point {
  const [centreX, centreY] = [Math.floor(width / 2), Math.floor(height / 2)];
  const reach = Math.floor(Math.min(height, width) / 3);
  const source: Point[] = [
    [centreX + reach, centreY + reach],
    [centreX + reach, centreY - reach],
    [centreX - reach, centreY - reach],
  ];
  const target = source.map(([x, y]): Point => [x + random.uniform(-shift, shift), y + random.uniform(-shift, shift)]);
  const [[x0, y0], [x1, y1], [x2, y2]] = target as [Point, Point, Point];
  const area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
  return (x, y) => {
    // Barycentric coordinates in the shifted triangle are those in the original one.
    const first = ((x - x0) * (y2 - y0) - (x2 - x0) * (y - y0)) / area;
    const second = ((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) / area;
    const at = (axis: 0 | 1) => {
      const [a, b, c] = source.map((point) => point[axis]) as [number, number, number];
      return a + first * (b - a) + second * (c - a);
    };
    return [at(0), at(1)];
  };
}

/** A raster read at other places, by bilinear interpolation. */
function sampled(raster: Raster, placeOf: (x: number, y: number) => Point, border: Border): Raster {
  const { height, width, channels, data } = raster;
  const result = new Float64Array(data.length);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [fromX, fromY] = placeOf(x, y);
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      const [shareX, shareY] = [fromX - left, fromY - top];
      const rows = [pixelAt(top, height, border), pixelAt(top + 1, height, border)];
      const columns = [pixelAt(left, width, border), pixelAt(left + 1, width, border)];
      for (let channel = 0; channel < channels; channel++, to++) {
        const value = (row: number, column: number) =>
          data[(rows[row]! * width + columns[column]!) * channels + channel]!;
        const upper = value(0, 0) + shareX * (value(0, 1) - value(0, 0));
        const lower = value(1, 0) + shareX * (value(1, 1) - value(1, 0));
        result[to] = upper + shareY * (lower - upper);
      }
    }
  }
  return { ...raster, data: result };
}
