import { shown } from "./checks.ts";

/** An image in memory: rows of pixels of interleaved channels (HWC), 0 to 255 as bytes unless an operation says otherwise. */
export interface Image {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** `height * width * channels` values. */
  readonly data: Uint8Array | Float32Array;
}

/** An image of bytes, as decoders give it and most operations want it. */
export interface ByteImage extends Image {
  readonly data: Uint8Array;
}

/** Where a crop lies: rows `top` to `top + height - 1`, columns `left` to `left + width - 1`. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Pixels that an image may have: a small file can claim to be a picture that no memory holds. */
export const mostPixels = 2 ** 26;

/** A black image of bytes. */
export function byteImage(height: number, width: number, channels: number): ByteImage {
  return { height, width, channels, data: new Uint8Array(height * width * channels) };
}

/** The box of a whole image. */
export function wholeBox({ height, width }: Image): Box {
  return { top: 0, left: 0, height, width };
}

/** A height and width as written in options: one number stands for a square. */
export type Size = number | readonly [height: number, width: number];

/**
 * Height and width of a size.
 *
 * @throws RangeError unless both are positive integers; `what` names the option.
 */
export function heightAndWidth(size: Size, what: string): [height: number, width: number] {
  const [height, width] = (Array.isArray(size) ? size : [size, size]) as [number, number];
  for (const side of [height, width]) {
    if (!Number.isInteger(side) || side < 1) {
      throw new RangeError(`${what} is ${JSON.stringify(size)}; give a positive integer, or [height, width] of them`);
    }
  }
  return [height, width];
}

/**
 * The image itself, known to hold bytes.
 *
 * @throws TypeError when an earlier operation has made floats of them; `operation` names the one that needs bytes.
 */
export function requireBytes(image: Image, operation: string): ByteImage {
  if (image.data instanceof Uint8Array) return image as ByteImage;
  throw new TypeError(
    `${operation} works on bytes, but the image is float32 already; put it before valueRange or normalise`,
  );
}

/**
 * The image itself, known to be one: operations and data sets may be anybody's.
 *
 * @throws TypeError otherwise; `origin` names where it comes from.
 */
export function requireImage(image: Image, origin: string): Image {
  const isArray = image?.data instanceof Uint8Array || image?.data instanceof Float32Array;
  if (isArray && image.data.length === image.height * image.width * image.channels) return image;
  throw new TypeError(
    `${origin} gave ${shown(image)}; an image is { height, width, channels, data }, with a Uint8Array or Float32Array of ` +
      "height * width * channels values",
  );
}

/**
 * A copy of the pixels inside a box.
 *
 * @throws RangeError when the box reaches outside the image.
 */
export function crop<I extends Image>(image: I, { top, left, height, width }: Box): I {
  if (top < 0 || left < 0 || top + height > image.height || left + width > image.width) {
    throw new RangeError(
      `a crop of ${height}x${width} at (${top}, ${left}) reaches outside an image of ${image.height}x${image.width}; ` +
        "resize the image first, or choose a smaller crop",
    );
  }
  const { channels } = image;
  const data = image.data.slice(0, height * width * channels);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * image.width + left) * channels;
    data.set(image.data.subarray(start, start + width * channels), row * width * channels);
  }
  return { ...image, height, width, data };
}

/** A float as a byte: rounded to the nearest, clipped to 0 to 255. */
export function toByte(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0;
}
