import type { ByteImage, Random } from "@vitscale/data";
import { bytesOf, mapRaster, rasterOf } from "./raster.ts";

/** Independent normal noise of a standard deviation (of a scale of 0 to 1) on every value. */
export function gaussianNoise(image: ByteImage, deviation: number, random: Random): ByteImage {
  return bytesOf(mapRaster(rasterOf(image), (value) => value + deviation * random.normal()));
}

/** Normal noise in proportion to the value. */
export function speckleNoise(image: ByteImage, deviation: number, random: Random): ByteImage {
  return bytesOf(mapRaster(rasterOf(image), (value) => value + value * deviation * random.normal()));
}

/** Values set to black or white, each with half of the given probability. */
export function impulseNoise(image: ByteImage, share: number, random: Random): ByteImage {
  const data = image.data.map((byte) => (random.chance(share) ? (random.chance(0.5) ? 255 : 0) : byte));
  return { ...image, data };
}

/** Light that comes in quanta, of which a white pixel has `quanta` on average: Poisson noise. */
export function shotNoise(image: ByteImage, quanta: number, random: Random): ByteImage {
  // There are 256 different means at most: the number of quanta is looked up in the distribution of each.
  const distributions: Float64Array[] = [];
  return bytesOf(
    mapRaster(rasterOf(image), (value, i) => {
      const byte = image.data[i]!;
      distributions[byte] ??= poissonDistribution(value * quanta);
      return placeIn(distributions[byte], random.uniform()) / quanta;
    }),
  );
}

/** P(N ≤ n) of the Poisson distribution for n = 0, 1, …, as far as 32 random bits tell it from 1. */
export function poissonDistribution(mean: number): Float64Array {
  const cumulative: number[] = [];
  let logFactorial = 0;
  for (let n = 0, sum = 0; sum < 1 - 2 ** -34 && n < 20 + 3 * mean + 10 * Math.sqrt(mean); n++) {
    if (n > 0) logFactorial += Math.log(n);
    sum += mean === 0 ? 1 : Math.exp(n * Math.log(mean) - mean - logFactorial);
    cumulative.push(sum);
  }
  return Float64Array.from(cumulative);
}

/** The first place whose cumulative probability exceeds `share`. */
function placeIn(cumulative: Float64Array, share: number): number {
  let [low, high] = [0, cumulative.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle]! > share) high = middle;
    else low = middle + 1;
  }
  return low;
}
