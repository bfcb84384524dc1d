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
  const turn = randomAffine(height, width, shift, random);
  const field = () => {
    const noise = fieldOf(height, width, () => random.uniform(-1, 1));
    return gaussianBlurred(noise, smoothness, "symmetric", 3).data;
  };
  const [right, down] = [field(), field()];
  const column = (pixel: number) => pixel % width;
  const row = (pixel: number) => Math.floor(pixel / width);
  const turned = sampled(rasterOf(image), turn.x, turn.y, "reflect");
  const x = right.map((push, pixel) => column(pixel) + strength * push);
  const y = down.map((push, pixel) => row(pixel) + strength * push);
  return bytesOf(sampled(turned, x, y, "symmetric"));
}

type Point = readonly [x: number, y: number];

/** Where every pixel comes from under the affine map that shifts three points by up to `shift` in both directions: [height · width]. */
function randomAffine(height: number, width: number, shift: number, random: Random) {
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
  const along = (axis: 0 | 1) => {
    const [a, b, c] = source.map((point) => point[axis]) as [number, number, number];
    return Float64Array.from({ length: height * width }, (_, pixel) => {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      // Barycentric coordinates in the shifted triangle are those in the original one.
      const first = ((x - x0) * (y2 - y0) - (x2 - x0) * (y - y0)) / area;
      const second = ((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) / area;
      return a + first * (b - a) + second * (c - a);
    });
  };
  return { x: along(0), y: along(1) };
}

/** A raster read at other places, [height · width] of each coordinate, by bilinear interpolation. */
function sampled(raster: Raster, x: Float64Array, y: Float64Array, border: Border): Raster {
  const { height, width, channels, data } = raster;
  const result = new Float64Array(data.length);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const [left, top] = [Math.floor(x[pixel]!), Math.floor(y[pixel]!)];
    const [shareX, shareY] = [x[pixel]! - left, y[pixel]! - top];
    const upper = pixelAt(top, height, border) * width;
    const lower = pixelAt(top + 1, height, border) * width;
    const [first, second] = [pixelAt(left, width, border), pixelAt(left + 1, width, border)];
    for (let channel = 0; channel < channels; channel++) {
      const at = (place: number) => data[place * channels + channel]!;
      const above = at(upper + first) + shareX * (at(upper + second) - at(upper + first));
      const below = at(lower + first) + shareX * (at(lower + second) - at(lower + first));
      result[pixel * channels + channel] = above + shareY * (below - above);
    }
  }
  return { ...raster, data: result };
}
