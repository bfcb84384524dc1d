import { isDeepStrictEqual } from "node:util";
import type { ViTConfig } from "@vitscale/vit";
import type { PixelStatistics } from "../images.ts";
import type { LoadedModel } from "./weights.ts";

/**
 * A trained model answers for images of the pixels that it was trained on: of others it says something else, and nothing tells.
 *
 * @param what the model, in words
 * @param pixels those that a run shows its models
 * @throws RangeError when the model was trained on others. A file of another library does not say on which.
 */
export function requirePixels(what: string, { config, pixels: own }: LoadedModel, pixels: PixelStatistics): void {
  if (own === undefined || isDeepStrictEqual(ofChannels(own, config), ofChannels(pixels, config))) return;
  const [learned, given] = [JSON.stringify(own), JSON.stringify(pixels)];
  throw new RangeError(
    `${what} learned from pixels ${learned}, and this run has pixels ${given}; give it the former: --pixels '${learned}'`,
  );
}

/** One number for all channels says the same as that number for each. */
function ofChannels({ mean, deviation }: PixelStatistics, { channels }: ViTConfig): (readonly number[])[] {
  return [mean, deviation].map((value) => (typeof value === "number" ? Array<number>(channels).fill(value) : value));
}
