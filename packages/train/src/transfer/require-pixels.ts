import { isDeepStrictEqual } from "node:util";
import type { normalise, Op, valueRange } from "@vitscale/data";
import type { ViTConfig } from "@vitscale/vit";
import type { TrainConfig } from "../config/train-config.ts";
import { type PixelStatistics, unitRange } from "../images.ts";
import type { LoadedModel } from "./weights.ts";

/** The fields of a configuration that say how bytes become the numbers that a model reads. */
export type PixelFields = Pick<TrainConfig, "pixels" | "data">;

/** How bytes become numbers: in the step, or by an operation before it, to which `pixels` then are nothing. */
export function pixelsSeen({ pixels = unitRange, data }: PixelFields): PixelStatistics {
  return data.preprocess?.map(statisticsOf).find((statistics) => statistics !== undefined) ?? pixels;
}

/** What an operation does to bytes, where it makes floats of them. */
function statisticsOf({ op, options }: Op): PixelStatistics | undefined {
  switch (op) {
    case "normalise": {
      const { mean, standardDeviation } = options as Parameters<typeof normalise>[0];
      return { mean, deviation: standardDeviation };
    }
    case "valueRange": {
      const { low = -1, high = 1 } = options as NonNullable<Parameters<typeof valueRange>[0]>;
      // A mean of 0, and not −0, which is another.
      return { mean: (0 - low) / (high - low), deviation: 1 / (high - low) };
    }
    default:
      return undefined;
  }
}

/**
 * A trained model answers for images of the pixels that it was trained on: of others it says something else, and nothing tells.
 *
 * @param what the model, in words
 * @param run whose images it is shown
 * @throws RangeError when the model was trained on others. A file of another library does not say on which.
 */
export function requirePixels(what: string, { config, pixels: own }: LoadedModel, run: PixelFields): void {
  const pixels = pixelsSeen(run);
  if (own === undefined || isDeepStrictEqual(ofChannels(own, config), ofChannels(pixels, config))) return;
  const [learned, given] = [JSON.stringify(own), JSON.stringify(pixels)];
  throw new RangeError(
    `${what} learned from pixels ${learned}, and this run has pixels ${given}; give it the former: --pixels '${learned}', ` +
      "without normalise or valueRange in data.preprocess",
  );
}

/** One number for all channels says the same as that number for each. */
function ofChannels({ mean, deviation }: PixelStatistics, { channels }: ViTConfig): (readonly number[])[] {
  return [mean, deviation].map((value) => (typeof value === "number" ? Array<number>(channels).fill(value) : value));
}
