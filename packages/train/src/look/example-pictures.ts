import type { HostTensor } from "@vitscale/core";
import { type ByteImage, contactSheet, type Image, resizeImage } from "@vitscale/data";

/** Larger images are shown smaller: a person compares dozens of them. */
const largestSide = 128;

/** An image as a picture of at most 128 pixels a side. Bytes of 1 or 3 channels. */
export function examplePicture({ shape, data }: HostTensor<"uint8">): ByteImage {
  const [height = 0, width = 0, channels = 0] = shape;
  const image = { height, width, channels, data };
  const scale = largestSide / Math.max(height, width);
  if (scale >= 1) return image;
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return resizeImage(image, side(height), side(width), { antialias: true }) as ByteImage;
}

/**
 * An image beside itself under its attention: dark and grey in the patch of the least, in a warm light in that of the most, whatever their
 * shares.
 *
 * @param attention [patches down, patches across]
 */
export function attentionPicture(image: HostTensor<"uint8">, attention: HostTensor<"float32">): ByteImage {
  const plain = inColour(examplePicture(image));
  const [down = 0, across = 0] = attention.shape;
  const [least, most] = [
    attention.data.reduce((a, b) => Math.min(a, b)),
    attention.data.reduce((a, b) => Math.max(a, b)),
  ];
  const range = most - least || 1;
  const shades = attention.data.map((share) => (share - least) / range);
  const grid: Image = { height: down, width: across, channels: 1, data: shades };
  const weights = resizeImage(grid, plain.height, plain.width).data;
  const lit = { ...plain, data: new Uint8Array(plain.data.length) };
  for (const [place, weight] of weights.entries()) {
    const [red, green, blue] = plain.data.subarray(3 * place, 3 * place + 3) as unknown as [number, number, number];
    // Rec. 601 luma: the picture's own colours would be taken for those of the map.
    const grey = 0.299 * red + 0.587 * green + 0.114 * blue;
    for (const [channel, light] of warm(weight).entries()) {
      lit.data[3 * place + channel] = Math.round((1 - 0.65 * weight) * 0.55 * grey + 0.65 * weight * light);
    }
  }
  return contactSheet([plain, lit], { columns: 2, gap: 0 });
}

/** From deep red through orange to pale yellow, 0 … 255. */
const warm = (weight: number): [number, number, number] => [
  120 + 135 * Math.min(1, 1.6 * weight),
  235 * weight ** 1.2,
  110 * weight ** 3,
];

function inColour(image: ByteImage): ByteImage {
  if (image.channels === 3) return image;
  const data = new Uint8Array(3 * image.height * image.width);
  for (const [place, value] of image.data.entries()) data.fill(value, 3 * place, 3 * place + 3);
  return { ...image, channels: 3, data };
}
