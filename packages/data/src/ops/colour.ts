import { type ByteImage, toByte } from "../image.ts";

/** Brightness of each pixel, ITU-R 601 (0.299 R + 0.587 G + 0.114 B); the value itself of a grey image. */
export function luma({ channels, data }: ByteImage): Uint8Array {
  if (channels !== 3) return data;
  const grey = new Uint8Array(data.length / 3);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = toByte(0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!);
  }
  return grey;
}

/** `from + factor (image - from)`: below 1 towards `from`, above 1 away from it. */
function blend(image: ByteImage, factor: number, from: (index: number) => number): ByteImage {
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < data.length; i++) {
    const base = from(i);
    data[i] = toByte(base + factor * (image.data[i]! - base));
  }
  return { ...image, data };
}

/** Factor 0 is black, 1 the image. PIL's `ImageEnhance.Brightness`. */
export function brightness(image: ByteImage, factor: number): ByteImage {
  return blend(image, factor, () => 0);
}

/** Factor 0 is the mean grey, 1 the image. PIL's `ImageEnhance.Contrast`. */
export function contrast(image: ByteImage, factor: number): ByteImage {
  const grey = luma(image);
  const mean = Math.round(grey.reduce((sum, value) => sum + value, 0) / grey.length);
  return blend(image, factor, () => mean);
}

/** Factor 0 is grey, 1 the image. PIL's `ImageEnhance.Color`. */
export function saturation(image: ByteImage, factor: number): ByteImage {
  const grey = luma(image);
  return blend(image, factor, (i) => grey[Math.floor(i / image.channels)]!);
}

/** Factor 0 is smoothed by a 3x3 window whose centre weighs 5, 1 the image; borders stay. PIL's `ImageEnhance.Sharpness`. */
export function sharpness(image: ByteImage, factor: number): ByteImage {
  const { height, width, channels, data } = image;
  const smooth = Uint8Array.from(data);
  const stride = width * channels;
  for (let row = 1; row < height - 1; row++) {
    for (let i = row * stride + channels; i < (row + 1) * stride - channels; i++) {
      let sum = 4 * data[i]!;
      for (let line = i - stride; line <= i + stride; line += stride) {
        sum += data[line - channels]! + data[line]! + data[line + channels]!;
      }
      smooth[i] = toByte(sum / 13);
    }
  }
  return blend(image, factor, (i) => smooth[i]!);
}

/** Turns the hue by a part of the circle (0.5 turns red into cyan); saturation and value stay. Grey images are unchanged. */
export function hue(image: ByteImage, turn: number): ByteImage {
  if (image.channels !== 3) return image;
  const data = new Uint8Array(image.data.length);
  for (let i = 0; i < data.length; i += 3) {
    const [red, green, blue] = [image.data[i]!, image.data[i + 1]!, image.data[i + 2]!];
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    // The hexagon of hues: 0 red, 2 green, 4 blue.
    let sector = 0;
    if (chroma > 0) {
      if (value === red) sector = (green - blue) / chroma;
      else if (value === green) sector = 2 + (blue - red) / chroma;
      else sector = 4 + (red - green) / chroma;
    }
    for (const [channel, offset] of [5, 3, 1].entries()) {
      const k = (((offset + sector + 6 * turn) % 6) + 6) % 6;
      data[i + channel] = toByte(value - chroma * Math.max(0, Math.min(k, 4 - k, 1)));
    }
  }
  return { ...image, data };
}
