import type { Op } from "../op.ts";
import { centralCrop, inceptionCrop } from "./crop.ts";
import { flip } from "./flip.ts";
import { resize, resizeSmall } from "./resize.ts";

/** Pre-training of ViT-22B and of the ViT-G study: Inception crop of 5 to 100 % of the area, and a flip. */
export function trainingCrop(side: number): Op[] {
  return [inceptionCrop({ size: side }), flip()];
}

/**
 * How an image becomes a square of `side` pixels for evaluation.
 *
 * - `"standard"`: the smaller side to 256/224 of `side`, then the central square: the usual ImageNet crop of 87.5 %.
 * - `"square"`: resized to a square of `side` / 0.875 whatever its aspect ratio, then the central 87.5 %: ImageNet, v2,
 *   ReaL and R in the robustness tables of ViT-22B.
 * - `"aspect"`: the smaller side to `side` / 0.75, then the central square, which is 75 % of it: ObjectNet and
 *   ImageNet-A there. (The sources say "aspect-preserving central 75 %" and no more; this is our reading.)
 */
export function evaluationCrop(side: number, rule: "standard" | "square" | "aspect" = "standard"): Op[] {
  const crop = centralCrop({ size: side });
  switch (rule) {
    case "standard":
      return [resizeSmall({ side: Math.round((side * 256) / 224) }), crop];
    case "square":
      return [resize({ size: Math.round(side / 0.875) }), crop];
    case "aspect":
      return [resizeSmall({ side: Math.round(side / 0.75) }), crop];
    default:
      return rule satisfies never;
  }
}
