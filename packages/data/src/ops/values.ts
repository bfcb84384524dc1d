import { requireOptions, shown } from "../checks.ts";
import { byteImage, type Image, requireBytes } from "../image.ts";
import { defineOp } from "../op.ts";
import { luma } from "./colour.ts";

/**
 * Bytes 0 to 255 to floats from `low` to `high`, -1 to 1 if not given (the range of the ViT papers).
 *
 * Leaving bytes as they are and scaling them inside the training step is a quarter of the memory traffic; use this where
 * a model wants floats.
 */
export const valueRange = defineOp(
  "valueRange",
  ({ low = -1, high = 1, ...others }: { readonly low?: number; readonly high?: number }) => {
    requireOptions(others, "valueRange", ["low", "high"]);
    if (!(Number.isFinite(low) && Number.isFinite(high))) {
      throw new RangeError(`valueRange is from ${shown(low)} to ${shown(high)}; give two numbers`);
    }
    const table = Float32Array.from({ length: 256 }, (_, byte) => low + (high - low) * (byte / 255));
    return (image) => lookUp(image, [table], "valueRange");
  },
);

/** Options of {@link normalise}: one number for each channel, of values scaled to 0 to 1. */
export interface NormaliseOptions {
  readonly mean: readonly number[];
  readonly standardDeviation: readonly number[];
}

/** Bytes to floats of zero mean and unit variance: (byte / 255 - mean) / standard deviation, channel by channel. */
export const normalise = defineOp("normalise", ({ mean = [], standardDeviation = [], ...others }: NormaliseOptions) => {
  requireOptions(others, "normalise", ["mean", "standardDeviation"]);
  if (
    mean.length === 0 ||
    mean.length !== standardDeviation.length ||
    standardDeviation.some((deviation) => !(deviation > 0))
  ) {
    throw new RangeError(
      `normalise has mean [${mean}] and standardDeviation [${standardDeviation}]; give as many of each as the image has ` +
        "channels, deviations above 0",
    );
  }
  const tables = mean.map((channelMean, channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - channelMean) / standardDeviation[channel]!),
  );
  return (image) => {
    if (image.channels !== tables.length) {
      throw new RangeError(`normalise has ${tables.length} means, but the image has ${image.channels} channels`);
    }
    return lookUp(image, tables, "normalise");
  };
});

/** Replaces each byte by the entry of its channel's table. */
function lookUp(image: Image, tables: readonly Float32Array[], operation: string): Image {
  const bytes = requireBytes(image, operation).data;
  const data = new Float32Array(bytes.length);
  for (let channel = 0; channel < tables.length; channel++) {
    const table = tables[channel]!;
    for (let i = channel; i < data.length; i += tables.length) data[i] = table[bytes[i]!]!;
  }
  return { ...image, data };
}

/** Grey to colour by repetition, or colour to grey by luma (ITU-R 601). */
export const toChannels = defineOp("toChannels", ({ channels, ...others }: { readonly channels: 1 | 3 }) => {
  requireOptions(others, "toChannels", ["channels"]);
  if (channels !== 1 && channels !== 3) throw new RangeError(`toChannels to ${channels}; give 1 (grey) or 3 (RGB)`);
  return (image) => {
    const bytes = requireBytes(image, "toChannels");
    if (image.channels === channels) return image;
    const out = byteImage(image.height, image.width, channels);
    if (channels === 1) out.data.set(luma(bytes));
    else for (let i = 0; i < out.data.length; i++) out.data[i] = bytes.data[Math.floor(i / 3)]!;
    return out;
  };
});
