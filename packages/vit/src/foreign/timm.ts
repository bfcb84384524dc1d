import type { ViTConfig, ViTOptions } from "../config.ts";
import type { ViTParameters } from "../parameters.ts";
import { arrangeTorch, type Float, type ForeignState } from "./dialect.ts";
import { type ImportOptions, importParameters } from "./import.ts";
import { readState } from "./read-state.ts";
import { timmSources } from "./timm-names.ts";

/** Options that make `vitG(name, …)` the function of timm's `vit_*_patch*_224`. */
export const timmViT = { gelu: "erf", pooling: "tok" } as const satisfies ViTOptions;

/** Options that make `vit22b(name, …)` the function of timm's `vit_*_xp_224`, of `ParallelScalingBlock`s. */
export const timmParallel = {
  ...timmViT,
  embeddingNorm: true,
  biases: { patch: false },
} as const satisfies ViTOptions;

/**
 * The parameters of a timm `VisionTransformer`, as `config` wants them.
 *
 * @throws RangeError that lists every parameter that is missing, has another shape, or is left over.
 */
export function fromTimm(state: ForeignState, config: ViTConfig, options: ImportOptions = {}): ViTParameters<Float> {
  const sourceOf = timmSources(config, new Set(Object.keys(state)));
  return importParameters(state, config, { sourceOf, arrange: arrangeTorch, positions: "pos_embed" }, options);
}

/**
 * {@link fromTimm} of a safetensors file, such as timm's `model.safetensors`; half-precision weights become float32.
 *
 * @throws FileFormatError when it is no such file.
 */
export async function readTimm(
  path: string,
  config: ViTConfig,
  options: ImportOptions = {},
): Promise<ViTParameters<Float>> {
  return fromTimm(await readState(path), config, options);
}
