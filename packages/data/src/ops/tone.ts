import type { ByteImage } from "../image.ts";

/** Replaces every byte by the entry of its channel's table. */
function throughTables(image: ByteImage, table: (channel: number) => ArrayLike<number>): ByteImage {
  const data = new Uint8Array(image.data.length);
  for (let channel = 0; channel < image.channels; channel++) {
    const entries = table(channel);
    for (let i = channel; i < data.length; i += image.channels) data[i] = entries[image.data[i]!]!;
  }
  return { ...image, data };
}

/** A table of entries rounded down and clipped to bytes. */
function tableOf(entry: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => Math.max(0, Math.min(255, Math.floor(entry(byte)))));
}

/** How often each byte occurs in a channel. */
function histogram({ channels, data }: ByteImage, channel: number): Int32Array {
  const counts = new Int32Array(256);
  for (let i = channel; i < data.length; i += channels) counts[data[i]!]! += 1;
  return counts;
}

/** The negative. */
export function invert(image: ByteImage): ByteImage {
  const table = tableOf((byte) => 255 - byte);
  return throughTables(image, () => table);
}

/** Keeps the given number of high bits. PIL's `ImageOps.posterize`. */
export function posterize(image: ByteImage, bits: number): ByteImage {
  const table = tableOf((byte) => (byte >> (8 - bits)) << (8 - bits));
  return throughTables(image, () => table);
}

/** The negative of what is at least the threshold. PIL's `ImageOps.solarize`. */
export function solarize(image: ByteImage, threshold: number): ByteImage {
  const table = tableOf((byte) => (byte < threshold ? byte : 255 - byte));
  return throughTables(image, () => table);
}

/** Adds to what is below 128. */
export function solarizeAdd(image: ByteImage, addition: number): ByteImage {
  const table = tableOf((byte) => (byte < 128 ? byte + addition : byte));
  return throughTables(image, () => table);
}

/** Stretches each channel to 0 to 255. PIL's `ImageOps.autocontrast`. */
export function autoContrast(image: ByteImage): ByteImage {
  return throughTables(image, (channel) => {
    const counts = histogram(image, channel);
    const low = counts.findIndex((count) => count > 0);
    const high = counts.findLastIndex((count) => count > 0);
    if (low >= high) return tableOf((byte) => byte);
    // The small excess keeps (high - low) * 255 / (high - low) from falling to 254.
    return tableOf((byte) => ((byte - low) * 255) / (high - low) + 1e-9);
  });
}

/** Makes the histogram of each channel flat. PIL's `ImageOps.equalize`. */
export function equalize(image: ByteImage): ByteImage {
  return throughTables(image, (channel) => {
    const counts = histogram(image, channel);
    const total = image.height * image.width;
    const step = Math.floor((total - counts[counts.findLastIndex((count) => count > 0)]!) / 255);
    if (step === 0) return tableOf((byte) => byte);
    let below = Math.floor(step / 2);
    return tableOf((byte) => {
      const level = Math.floor(below / step);
      below += counts[byte]!;
      return level;
    });
  });
}
