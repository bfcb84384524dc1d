import { type Border, pixelAt } from "./border.ts";
import type { Raster } from "./raster.ts";

/** A pixel relative to the one that is computed, and how much of it enters. */
export interface Tap {
  readonly down: number;
  readonly right: number;
  readonly weight: number;
}

/** The weighted sum of the pixels at some offsets: filters whose kernels are no products of two axes. */
export function weightedSum(raster: Raster, taps: readonly Tap[], border: Border): Raster {
  const margin = taps.reduce((most, { down, right }) => Math.max(most, Math.abs(down), Math.abs(right)), 0);
  const { height, width, channels } = raster;
  const padded = withMargin(raster, margin, border);
  const stride = padded.width * channels;
  const length = width * channels;
  const data = new Float64Array(height * length);
  for (const { down, right, weight } of taps) {
    for (let row = 0; row < height; row++) {
      const from = (row + margin + down) * stride + (margin + right) * channels;
      const to = row * length;
      for (let i = 0; i < length; i++) data[to + i]! += weight * padded.data[from + i]!;
    }
  }
  return { height, width, channels, data };
}

function withMargin({ height, width, channels, data }: Raster, margin: number, border: Border): Raster {
  const [tall, wide] = [height + 2 * margin, width + 2 * margin];
  const padded = new Float64Array(tall * wide * channels);
  for (let row = 0; row < tall; row++) {
    const fromRow = pixelAt(row - margin, height, border) * width;
    for (let column = 0; column < wide; column++) {
      const from = (fromRow + pixelAt(column - margin, width, border)) * channels;
      const to = (row * wide + column) * channels;
      for (let channel = 0; channel < channels; channel++) padded[to + channel] = data[from + channel]!;
    }
  }
  return { height: tall, width: wide, channels, data: padded };
}

/** A disk of equal weights whose edge is softened by a Gaussian of 3x3 or, above a radius of 8, 5x5 weights. */
export function diskTaps(radius: number, softening: number): Tap[] {
  const reach = Math.max(8, radius);
  const soft = radius <= 8 ? 1 : 2;
  const edge = Array.from({ length: 2 * soft + 1 }, (_, i) => Math.exp(-0.5 * ((i - soft) / softening) ** 2));
  const total = edge.reduce((sum, weight) => sum + weight);
  const inDisk = (down: number, right: number) => {
    // The kernel itself is mirrored at its border, where a disk of the largest radius touches it.
    const [y, x] = [down, right].map((place) => pixelAt(place + reach, 2 * reach + 1, "reflect") - reach);
    return y! ** 2 + x! ** 2 <= radius ** 2 ? 1 : 0;
  };
  const span = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const area = span.flatMap((down) => span.map((right): number => inDisk(down, right))).reduce((sum, one) => sum + one);
  return span.flatMap((down) =>
    span.flatMap((right) => {
      let weight = 0;
      for (let i = -soft; i <= soft; i++) {
        for (let j = -soft; j <= soft; j++) {
          weight += (edge[i + soft]! * edge[j + soft]! * inDisk(down + i, right + j)) / (total * total * area);
        }
      }
      return weight > 0 ? [{ down, right, weight }] : [];
    }),
  );
}

/**
 * Motion in one direction: half a Gaussian along a line, as ImageMagick's motion blur has it.
 *
 * @param angle in degrees; 0 takes from pixels to the right, 90 from those below
 */
export function motionTaps(radius: number, deviation: number, angle: number): Tap[] {
  const length = 2 * radius + 1;
  const [sine, cosine] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
  const kernel = Array.from({ length }, (_, i) => Math.exp((-i * i) / (2 * deviation * deviation)));
  const total = kernel.reduce((sum, weight) => sum + weight);
  return kernel.map((weight, i) => ({
    down: Math.ceil(i * sine - 0.5),
    right: Math.ceil(i * cosine - 0.5),
    weight: weight / total,
  }));
}
