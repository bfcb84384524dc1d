import { type ViTOptions, vit22b } from "@vitscale/vit";
import type { Bench, Scale, Table } from "../claim.ts";
import {
  type QualityPlan,
  type Timing,
  type TimingPlan,
  timeVariants,
  trainVariants,
} from "../training/compare-variants.ts";
import type { TrainingOutcome } from "../training/short-training.ts";
import { qualityTable, shortRecipe, smallModel, stepTimeTable } from "./shared.ts";

/** What a claim about variants of a model does: time their steps at full width, and train them small. */
export interface VariantsPlan {
  readonly timing: TimingPlan;
  readonly quality: QualityPlan;
}

export interface VariantsMeasurement {
  readonly timing: Timing;
  readonly outcomes: Readonly<Record<string, readonly TrainingOutcome[]>>;
}

type Options = Readonly<Record<string, ViTOptions>>;

function eachVariant<T>(variants: Options, make: (options: ViTOptions) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(variants).map(([name, options]) => [name, make(options)]));
}

/** Steps of ViT-S/16 at batch 8 (of four of its blocks, where it must be quick), and the short recipe of the small model. */
export function planVariants(
  scale: Scale,
  variants: { readonly timed: Options; readonly trained: Options },
): VariantsPlan {
  const isQuick = scale === "quick";
  const size: ViTOptions = { pooling: "gap", ...(isQuick ? { depth: 4 } : {}) };
  return {
    timing: {
      batch: 8,
      ...(isQuick ? { rounds: 8, seconds: 30 } : { rounds: 20, seconds: 300 }),
      variants: eachVariant(variants.timed, (options) => vit22b("S/16", { ...size, ...options })),
    },
    quality: {
      ...shortRecipe(scale),
      variants: eachVariant(variants.trained, (options) => ({ model: smallModel(options) })),
    },
  };
}

/** Carries such a plan out. */
export async function measureVariants(plan: VariantsPlan, bench: Bench): Promise<VariantsMeasurement> {
  const timing = await bench.cell("step-time", () =>
    timeVariants(plan.timing, bench, (share, doing) => bench.progress(0.35 * share, doing)),
  );
  const outcomes = await trainVariants(plan.quality, bench, (share, doing) =>
    bench.progress(0.35 + 0.65 * share, doing),
  );
  return { timing, outcomes };
}

/** The numbers behind the findings. */
export function variantTables({ timing, outcomes }: VariantsMeasurement, plan: VariantsPlan): Table[] {
  return [stepTimeTable(plan.timing, timing), qualityTable(plan.quality, outcomes)];
}
