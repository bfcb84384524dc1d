import type { ByteImage } from "@vitscale/data";
import { forwardDct, inverseDct } from "./dct.ts";

/**
 * What JPEG at a quality of 1 to 100 leaves of an image: libjpeg's arithmetic bit for bit (4:2:0 chroma, integer transforms, smooth
 * upsampling), without the entropy code in between, which loses nothing.
 *
 * Synchronous and without a library's start-up, so that it is an operation like the others in a worker thread.
 */
export function jpegCompression(image: ByteImage, quality: number): ByteImage {
  const { height, width, channels } = image;
  if (channels === 1) {
    return { ...image, data: throughBlocks({ height, width, data: image.data }, tableFor(luminance, quality)).data };
  }
  const [luma, blue, red] = toYcc(image);
  const chromaTable = tableFor(chrominance, quality);
  const [blueBack, redBack] = [blue, red].map((plane) =>
    enlarged(throughBlocks(halved(plane!), chromaTable), height, width),
  );
  return fromYcc(throughBlocks(luma!, tableFor(luminance, quality)), blueBack!, redBack!);
}

/** One channel of bytes. */
interface Plane {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array;
}

// The tables of ITU-T T.81, annex K, row by row.
const luminance = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
const chrominance = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99,
];

/** A table scaled to a quality, as libjpeg does it. */
function tableFor(table: readonly number[], quality: number): number[] {
  if (!Number.isInteger(quality) || quality < 1 || quality > 100) {
    throw new RangeError(`JPEG quality ${quality}; give an integer from 1 to 100`);
  }
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return table.map((step) => Math.max(1, Math.min(255, Math.floor((step * percent + 50) / 100))));
}

/** A plane transformed, quantised and transformed back, block by block. Its last row and column fill the last blocks. */
function throughBlocks({ height, width, data }: Plane, steps: readonly number[]): Plane {
  const result = new Uint8Array(data.length);
  const block = new Int32Array(64);
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      for (let i = 0; i < 64; i++) {
        const row = Math.min(height - 1, top + (i >> 3));
        block[i] = data[row * width + Math.min(width - 1, left + (i & 7))]! - 128;
      }
      forwardDct(block);
      for (let i = 0; i < 64; i++) {
        const step = 8 * steps[i]!;
        const level = Math.floor((Math.abs(block[i]!) + (step >> 1)) / step);
        block[i] = Math.sign(block[i]!) * level * steps[i]!;
      }
      inverseDct(block);
      for (let i = 0; i < 64; i++) {
        const [row, column] = [top + (i >> 3), left + (i & 7)];
        if (row < height && column < width) result[row * width + column] = clipped(block[i]! + 128);
      }
    }
  }
  return { height, width, data: result };
}

function clipped(value: number): number {
  return Math.max(0, Math.min(255, value));
}

// Constants of ITU-R 601 with 16 bits after the point, as in jccolor.c and jdcolor.c.
const half = 2 ** 15;

/** Luma, blue and red differences. */
function toYcc({ height, width, data }: ByteImage): Plane[] {
  const planes = [0, 1, 2].map(() => new Uint8Array(height * width));
  const offset = 128 * 2 ** 16 + half - 1;
  for (let pixel = 0; pixel < height * width; pixel++) {
    const [red, green, blue] = [data[3 * pixel]!, data[3 * pixel + 1]!, data[3 * pixel + 2]!];
    planes[0]![pixel] = (19595 * red + 38470 * green + 7471 * blue + half) >> 16;
    planes[1]![pixel] = (-11059 * red - 21709 * green + 32768 * blue + offset) >> 16;
    planes[2]![pixel] = (32768 * red - 27439 * green - 5329 * blue + offset) >> 16;
  }
  return planes.map((plane) => ({ height, width, data: plane }));
}

function fromYcc({ height, width, data: luma }: Plane, { data: blue }: Plane, { data: red }: Plane): ByteImage {
  const data = new Uint8Array(3 * luma.length);
  for (let pixel = 0; pixel < luma.length; pixel++) {
    const [y, b, r] = [luma[pixel]!, blue[pixel]! - 128, red[pixel]! - 128];
    data[3 * pixel] = clipped(y + ((91881 * r + half) >> 16));
    data[3 * pixel + 1] = clipped(y + ((-22554 * b - 46802 * r + half) >> 16));
    data[3 * pixel + 2] = clipped(y + ((116130 * b + half) >> 16));
  }
  return { height, width, channels: 3, data };
}

/** Means of 2x2 pixels, whose halves are rounded up and down in turn (`h2v2_downsample`). */
function halved({ height, width, data }: Plane): Plane {
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const result = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const [upper, lower] = [2 * row * width, Math.min(height - 1, 2 * row + 1) * width];
    for (let column = 0; column < columns; column++) {
      const [left, right] = [2 * column, Math.min(width - 1, 2 * column + 1)];
      const sum = data[upper + left]! + data[upper + right]! + data[lower + left]! + data[lower + right]!;
      result[row * columns + column] = (sum + 1 + (column & 1)) >> 2;
    }
  }
  return { height: rows, width: columns, data: result };
}

/** Twice as large, each pixel 9/16 of the nearest, 3/16 of two and 1/16 of the fourth (`h2v2_fancy_upsample`). */
function enlarged({ height: rows, width: columns, data }: Plane, height: number, width: number): Plane {
  const result = new Uint8Array(height * width);
  const sums = new Int32Array(columns);
  for (let row = 0; row < height; row++) {
    const near = row >> 1;
    const far = Math.max(0, Math.min(rows - 1, row & 1 ? near + 1 : near - 1));
    for (let column = 0; column < columns; column++) {
      sums[column] = 3 * data[near * columns + column]! + data[far * columns + column]!;
    }
    for (let column = 0; column < width; column++) {
      const own = column >> 1;
      const other = Math.max(0, Math.min(columns - 1, column & 1 ? own + 1 : own - 1));
      result[row * width + column] = (3 * sums[own]! + sums[other]! + (column & 1 ? 7 : 8)) >> 4;
    }
  }
  return { height, width, data: result };
}
