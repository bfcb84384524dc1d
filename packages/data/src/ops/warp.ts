import { type ByteImage, byteImage } from "../image.ts";

/** Where an output pixel (x, y) looks: x' = xx x + xy y + x0, y' = yx x + yy y + y0, in pixel numbers. */
export interface Affine {
  readonly xx: number;
  readonly xy: number;
  readonly x0: number;
  readonly yx: number;
  readonly yy: number;
  readonly y0: number;
}

const identity: Affine = { xx: 1, xy: 0, x0: 0, yx: 0, yy: 1, y0: 0 };

/** The nearest pixels of the places an affine map points to; outside the image, `fill`. */
export function warp(image: ByteImage, { xx, xy, x0, yx, yy, y0 }: Affine, fill: number): ByteImage {
  const { height, width, channels, data } = image;
  const out = byteImage(height, width, channels);
  out.data.fill(fill);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromX = Math.round(xx * x + xy * y + x0);
      const fromY = Math.round(yx * x + yy * y + y0);
      if (fromX < 0 || fromX >= width || fromY < 0 || fromY >= height) continue;
      const from = (fromY * width + fromX) * channels;
      const to = (y * width + x) * channels;
      for (let channel = 0; channel < channels; channel++) out.data[to + channel] = data[from + channel]!;
    }
  }
  return out;
}

/** A turn about the centre, in degrees. */
export function rotation(degrees: number, { height, width }: ByteImage): Affine {
  const cosine = Math.cos((degrees * Math.PI) / 180);
  const sine = Math.sin((degrees * Math.PI) / 180);
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  return {
    xx: cosine,
    xy: -sine,
    x0: centreX - cosine * centreX + sine * centreY,
    yx: sine,
    yy: cosine,
    y0: centreY - sine * centreX - cosine * centreY,
  };
}

/** Rows shifted in proportion to their number. */
export function shearX(slope: number): Affine {
  return { ...identity, xy: slope };
}

/** Columns shifted in proportion to their number. */
export function shearY(slope: number): Affine {
  return { ...identity, yx: slope };
}

/** A shift by pixels to the right and down. */
export function translation(right: number, down: number): Affine {
  return { ...identity, x0: -right, y0: -down };
}
