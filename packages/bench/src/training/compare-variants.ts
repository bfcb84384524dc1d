import type { ViTConfig } from "@vitscale/vit";
import type { Bench } from "../claim.ts";
import { interleave } from "../measure/interleave.ts";
import type { ImagesOptions } from "./images.ts";
import { logRounds } from "./rounds-record.ts";
import type { ShortTraining, TrainingOutcome } from "./short-training.ts";
import { type GraphSize, type StepContestant, stepContestant } from "./step-contestant.ts";
import { type Share, type Training, trainSeeds } from "./train-once.ts";

/** Models that differ in what is to be compared, by name. */
export type Variants = Readonly<Record<string, ViTConfig>>;

/** A training that differs from the others in its model, its optimizer, what it begins with, or any number of the recipe. */
export interface TrainingVariant
  extends Partial<Omit<ShortTraining, "seed">>,
    Pick<Training, "model" | "optimizer" | "start"> {}

/** Step times of variants: how many images, how often. */
export interface TimingPlan {
  readonly batch: number;
  readonly rounds: number;
  /** Seconds after which no round begins; see `interleave`. */
  readonly seconds: number;
  readonly variants: Variants;
}

/** Short trainings of variants: on images of the project's own, unless others are given. */
export interface QualityPlan extends Omit<ShortTraining, "seed"> {
  readonly seeds: readonly number[];
  readonly trainImages: number;
  readonly testImages: number;
  readonly images?: ImagesOptions;
  readonly variants: Readonly<Record<string, TrainingVariant>>;
}

/** Step times of variants. */
export interface Timing {
  /** Milliseconds of a training step, one a round. */
  readonly milliseconds: Readonly<Record<string, readonly number[]>>;
  readonly sizes: Readonly<Record<string, GraphSize>>;
}

/** The time of a training step of each variant, interleaved round by round. */
export async function timeVariants(
  { batch, rounds, seconds, variants }: TimingPlan,
  bench: Bench,
  progress: Share,
): Promise<Timing> {
  const names = Object.keys(variants);
  const contestants: StepContestant[] = [];
  try {
    for (const [index, name] of names.entries()) {
      progress((0.3 * index) / names.length, `compiling ${name}`);
      contestants.push(await stepContestant(name, variants[name]!, { batch, engine: bench.engine }));
    }
    const times = await interleave(contestants, {
      ...{ rounds, seconds, warmup: 2, signal: bench.signal },
      onSample: (share) => progress(0.3 + 0.7 * share, "timing steps"),
    });
    logRounds(bench.record("step-time", { config: { batch, variants }, seed: 0, steps: rounds }), times);
    return { milliseconds: times, sizes: Object.fromEntries(contestants.map(({ name, size }) => [name, size])) };
  } finally {
    for (const contestant of contestants) await contestant.dispose();
  }
}

/** Outcomes of training each variant with each seed. */
export async function trainVariants(
  { seeds, trainImages, testImages, images: given, variants, ...recipe }: QualityPlan,
  bench: Bench,
  progress: Share,
): Promise<Record<string, TrainingOutcome[]>> {
  const outcomes: Record<string, TrainingOutcome[]> = {};
  const stepsOf = ({ steps = recipe.steps }: TrainingVariant) => steps;
  const total = Object.values(variants).reduce((sum, variant) => sum + stepsOf(variant), 0);
  let done = 0;
  for (const [name, variant] of Object.entries(variants)) {
    const images = given ?? { count: trainImages, side: variant.model.imageSide, seed: 0 };
    const start = done;
    const trained = await trainSeeds(name, { ...recipe, ...variant, images, testImages }, seeds, {
      bench,
      progress: (share, doing) => progress((start + share * stepsOf(variant)) / total, doing),
    });
    outcomes[name] = trained.map(({ outcome }) => outcome);
    done += stepsOf(variant);
  }
  return outcomes;
}

/** Test losses by seed; a training that ran away counts as infinitely bad. */
export function testLosses(outcomes: readonly TrainingOutcome[]): number[] {
  return outcomes.map(({ testLoss }) => testLoss ?? Number.POSITIVE_INFINITY);
}
