import type { ViTConfig } from "@vitscale/vit";
import type { Bench, Scale } from "../claim.ts";
import { mean, standardDeviation } from "../statistics/summary.ts";
import type { ShapesOptions } from "../training/shapes.ts";
import type { ShortTraining } from "../training/short-training.ts";
import { lookAtEach, type OutputsOf } from "../training/train-and-look.ts";
import { shortRecipe, smallModel } from "./shared.ts";

/** Models of several sizes, trained alike with several seeds. */
export interface SizesPlan {
  readonly recipe: Omit<ShortTraining, "seed">;
  readonly seeds: readonly number[];
  /** Smallest first. */
  readonly models: Readonly<Record<string, ViTConfig>>;
  readonly images: ShapesOptions;
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

/** Three sizes with the short recipe, on images of some statistics. */
export function planSizes(scale: Scale, statistics: Partial<ShapesOptions> = {}): SizesPlan {
  const { seeds, trainImages, testImages, ...recipe } = shortRecipe(scale);
  return {
    ...{ recipe, models: threeSizes },
    seeds: scale === "quick" ? [0, 1] : seeds,
    images: { ...statistics, count: trainImages, side: 32, seed: 0 },
    testImages: 4 * testImages,
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
