import type { ViTConfig } from "@vitscale/vit";
import type { Bench, Scale } from "../claim.ts";
import { mean, standardDeviation } from "../statistics/summary.ts";
import type { ShapesOptions } from "../training/shapes.ts";
import { lookAtEach, type OutputsOf } from "../training/train-and-look.ts";
import type { Training } from "../training/train-once.ts";
import { shortRecipe, smallModel } from "./shared.ts";

/** Models of several sizes, trained alike with several seeds. */
export interface SizesPlan {
  readonly recipe: Omit<Training, "model" | "images">;
  readonly seeds: readonly number[];
  /** Smallest first. */
  readonly models: Readonly<Record<string, ViTConfig>>;
  readonly images: ShapesOptions;
  /** How many images are looked at. */
  readonly testImages: number;
}

/** What was seen of each model: [seeds] by its name. */
export type BySize<T> = Readonly<Record<string, readonly T[]>>;

/** The small model of three widths, each twice the one before. */
export const threeSizes: Readonly<Record<string, ViTConfig>> = {
  "width 32": smallModel({ width: 32, heads: 1, mlpWidth: 128 }),
  "width 64": smallModel(),
  "width 128": smallModel({ width: 128, heads: 4, mlpWidth: 512 }),
};

/**
 * Images as data are: a share has the texture of its shape, which is a short cut, and the light of the first eight shapes is more often warm.
 * Claims about calibration, fairness and other distributions look at the same models of these.
 */
export const biasedStatistics: Partial<ShapesOptions> = { textureCorrelation: 0.5, groupCorrelation: 0.3 };

/** Three sizes with the short recipe, on images of some statistics. */
export function planSizes(scale: Scale, statistics: Partial<ShapesOptions> = {}): SizesPlan {
  const { seeds, trainImages, ...recipe } = shortRecipe(scale);
  return {
    ...{ recipe, models: threeSizes },
    seeds: scale === "quick" ? [0, 1] : seeds,
    images: { ...statistics, count: trainImages, side: 32, seed: 0 },
    testImages: scale === "quick" ? 2048 : 4096,
  };
}

/** Trains every size with every seed and looks at each. @param prefix of the trainings' names, where a claim has several plans */
export async function lookBySize<T>(
  { recipe, seeds, models, images }: SizesPlan,
  bench: Bench,
  look: (outputsOf: OutputsOf) => Promise<T>,
  prefix = "",
): Promise<BySize<T>> {
  const trainings = Object.entries(models).map(
    ([name, model]) => [prefix + name, { ...recipe, model, images }] as const,
  );
  const seen = await lookAtEach(Object.fromEntries(trainings), seeds, bench, look);
  return Object.fromEntries(Object.keys(models).map((name) => [name, seen[prefix + name]!]));
}

/** The mean of a number over seeds, and its standard deviation, smallest size first. */
export function overSizes<T>(seen: BySize<T>, value: (one: T) => number): { mean: number; deviation: number }[] {
  return Object.values(seen).map((seeds) => {
    const values = seeds.map(value);
    return { mean: mean(values), deviation: standardDeviation(values) };
  });
}
