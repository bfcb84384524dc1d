import { type HostTensor, hostTensor } from "@vitscale/core";
import { checkConfig, patchGrid, type ViTConfig } from "./config.ts";
import type { ViTParameters } from "./parameters.ts";
import { type Resampling, resampleGridMatrix } from "./resample.ts";

type Float = HostTensor<"float32">;

/** A position table [from², width] of a square grid, resampled to the grid of `to` by `to` patches: [to², width]. */
export function resamplePositions(table: Float, to: number, method: Resampling = "corner-aligned"): Float {
  const [positions, width] = table.shape as [number, number];
  const from = Math.sqrt(positions);
  if (!Number.isInteger(from)) {
    throw new RangeError(`a position table of ${positions} rows is not of a square grid; take a class token's row off`);
  }
  const matrix = resampleGridMatrix(from, to, method);
  const resampled = hostTensor("float32", [to * to, width]);
  for (let target = 0; target < to * to; target++) {
    for (let source = 0; source < positions; source++) {
      const weight = matrix.data[target * positions + source]!;
      if (weight === 0) continue; // all but a few
      for (let feature = 0; feature < width; feature++) {
        resampled.data[target * width + feature]! += weight * table.data[source * width + feature]!;
      }
    }
  }
  return resampled;
}

/**
 * The same model for images of another side: only the position table changes.
 *
 * big_vision's models were fine-tuned at higher resolution with `corner-aligned`, its FlexiViT with
 * `half-pixel-antialiased`.
 */
export function atResolution(
  params: ViTParameters<Float>,
  config: ViTConfig,
  imageSide: number,
  method: Resampling = "corner-aligned",
): { readonly params: ViTParameters<Float>; readonly config: ViTConfig } {
  const resized = { ...config, imageSide };
  checkConfig(resized);
  const grid = patchGrid(imageSide, config.patchSide);
  return { params: { ...params, positions: resamplePositions(params.positions, grid, method) }, config: resized };
}
