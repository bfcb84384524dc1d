import type { OptimizerConfig } from "@vitscale/train";
import type { ViTConfig } from "@vitscale/vit";
import type { Bench } from "../claim.ts";
import { interleave } from "../measure/interleave.ts";
import { qualityProbe } from "./quality.ts";
import { logRounds } from "./rounds-record.ts";
import { shapesSet } from "./shapes.ts";
import { type ShortTraining, shortTraining, type TrainingOutcome } from "./short-training.ts";
import { type GraphSize, type StepContestant, stepContestant } from "./step-contestant.ts";
import { vitProgram } from "./vit-program.ts";

/** Models that differ in what is to be compared, by name. */
export type Variants = Readonly<Record<string, ViTConfig>>;

/** A training that differs from the others in its model, its optimizer, or any number of the recipe. */
export interface TrainingVariant extends Partial<Omit<ShortTraining, "seed">> {
  readonly model: ViTConfig;
  /** AdamW with β₂ = 0.95 and a weight decay of 1e-4 unless given. */
  readonly optimizer?: OptimizerConfig;
}

/** Step times of variants: how many images, how often. */
export interface TimingPlan {
  readonly batch: number;
  readonly rounds: number;
  /** Seconds after which no round begins; see `interleave`. */
  readonly seconds: number;
  readonly variants: Variants;
}

/** Short trainings of variants on the project's generated images. */
export interface QualityPlan extends Omit<ShortTraining, "seed"> {
  readonly seeds: readonly number[];
  readonly trainImages: number;
  readonly testImages: number;
  readonly variants: Readonly<Record<string, TrainingVariant>>;
}

/** What is told while something is measured: the share that is done. */
export type Share = (share: number, doing: string) => void;

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

/** What short trainings use unless they compare optimizers. */
export const recipeOptimizer: OptimizerConfig = { kind: "adamw", weightDecay: 1e-4, beta2: 0.95 };

/** Outcomes of training each variant with each seed; a training is a cell and a run record. */
export async function trainVariants(
  plan: QualityPlan,
  bench: Bench,
  progress: Share,
): Promise<Record<string, TrainingOutcome[]>> {
  const { seeds, trainImages, testImages, variants, ...recipe } = plan;
  const outcomes: Record<string, TrainingOutcome[]> = {};
  const stepsOf = ({ steps = recipe.steps }: TrainingVariant) => steps;
  const total = seeds.length * Object.values(variants).reduce((sum, variant) => sum + stepsOf(variant), 0);
  let done = 0;
  for (const [name, { model, optimizer = recipeOptimizer, ...changes }] of Object.entries(variants)) {
    const training = { ...recipe, ...changes };
    const side = model.imageSide;
    progress(done / total, "rendering images");
    const images = await shapesSet({ count: trainImages, side, seed: 0 });
    const test = await shapesSet({ count: testImages, side, seed: 1 });
    const program = vitProgram(model, { engine: bench.engine, optimizer });
    const quality = qualityProbe(model, bench.engine, test, Math.min(testImages, 256));
    outcomes[name] = [];
    for (const seed of seeds) {
      const doing = `training ${name}, seed ${seed}`;
      const start = done;
      const outcome = await bench.cell(`${name} seed ${seed}`, () => {
        const about = { config: { ...training, seed, model, optimizer }, seed, steps: training.steps };
        return shortTraining(
          { ...training, seed },
          {
            ...{ program, images, quality, signal: bench.signal },
            record: bench.record(`${name}-seed${seed}`, about),
            onStep: (step) => progress((start + step) / total, doing),
          },
        );
      });
      outcomes[name].push(outcome);
      done = start + training.steps;
    }
    await program.dispose();
    await quality.dispose();
  }
  return outcomes;
}

/** Test losses by seed; a training that ran away counts as infinitely bad. */
export function testLosses(outcomes: readonly TrainingOutcome[]): number[] {
  return outcomes.map(({ testLoss }) => testLoss ?? Number.POSITIVE_INFINITY);
}
