import type { ViTConfig } from "../config.ts";
import type { ViTParameters } from "../parameters.ts";
import { fromBigVision } from "./big-vision.ts";
import type { Float } from "./dialect.ts";
import { fromHuggingFace } from "./hugging-face.ts";
import type { ImportOptions } from "./import.ts";
import { readState } from "./read-state.ts";
import { fromTimm } from "./timm.ts";

/** Libraries whose checkpoints can be read. */
export const weightFormats = ["timm", "hugging-face", "big-vision"] as const;
export type WeightFormat = (typeof weightFormats)[number];

const importers = { timm: fromTimm, "hugging-face": fromHuggingFace, "big-vision": fromBigVision } as const;

/**
 * The parameters in a checkpoint file of another library, .safetensors or .npz, as `config` wants them.
 *
 * @throws RangeError for another format, or that lists every parameter that is missing, has another shape, or is left over.
 */
export async function readWeights(
  path: string,
  format: WeightFormat,
  config: ViTConfig,
  options: ImportOptions = {},
): Promise<ViTParameters<Float>> {
  if (!Object.hasOwn(importers, format)) {
    throw new RangeError(`"${format}" is no format of weights; there are ${weightFormats.join(", ")}`);
  }
  const state = await readState(path);
  try {
    return importers[format](state, config, options);
  } catch (error) {
    throw new RangeError(`${path} as a checkpoint of ${format}: ${(error as Error).message}`, { cause: error });
  }
}
