import type { ViTConfig } from "@vitscale/vit";
import type { Bench } from "../claim.ts";
import { type AttentionHealth, type HealthProbe, healthProbe } from "./attention-health.ts";
import { shapesSet, takeImages } from "./shapes.ts";
import { shortTraining, type TrainingOutcome } from "./short-training.ts";
import { stepFlops } from "./step-flops.ts";
import { vitProgram } from "./vit-program.ts";

/** Trainings of one model that differ in rate and seed, watched inside. */
export interface SweepPlan {
  readonly learningRates: readonly number[];
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly batch: number;
  readonly trainImages: number;
}

/** One training of the sweep. */
export interface Run<Seen extends AttentionHealth = AttentionHealth> {
  readonly model: string;
  readonly qkNorm: boolean;
  readonly learningRate: number;
  readonly seed: number;
  readonly outcome: TrainingOutcome<Seen>;
}

/** What is trained in a sweep. */
export interface SweptModel {
  readonly name: string;
  readonly qkNorm: boolean;
  readonly model: ViTConfig;
}

/** Trains one model at every rate with every seed; its programs are compiled once. A training is a cell and a run record. */
export function sweep(swept: SweptModel, plan: SweepPlan, bench: Bench): Promise<Run[]> {
  return sweepWatched(swept, plan, bench, healthProbe(swept.model, bench.engine));
}

/** The same with another probe, which is disposed of. */
export async function sweepWatched<Seen extends AttentionHealth>(
  { name, qkNorm, model }: SweptModel,
  { learningRates, seeds, steps, batch, trainImages }: SweepPlan,
  bench: Bench,
  probe: HealthProbe<Seen>,
): Promise<Run<Seen>[]> {
  const { engine, signal } = bench;
  const label = `${name} ${qkNorm ? "with" : "without"} QK norm`;
  bench.progress(0, "rendering images");
  const images = await shapesSet({ count: trainImages, side: model.imageSide, seed: 0 });
  const watched = takeImages(
    images,
    Array.from({ length: 32 }, (_, index) => index),
  ).images;
  const program = vitProgram(model, { engine, optimizer: { kind: "adamw", beta2: 0.95, weightDecay: 1e-4 } });
  const training = { steps, batch, schedule: { kind: "cosine", warmupSteps: Math.ceil(steps / 10) } } as const;
  const runs: Run<Seen>[] = [];
  const total = learningRates.length * seeds.length;
  for (const learningRate of learningRates) {
    for (const seed of seeds) {
      const doing = `${label}, learning rate ${learningRate}`;
      const before = runs.length;
      const outcome = await bench.cell(`${label} rate ${learningRate} seed ${seed}`, () => {
        const config = { ...training, batchSize: batch, learningRate, seed, model };
        const facts = { config, seed, steps, flopsPerStep: stepFlops({ model, batch }) };
        const record = bench.record(`${label}-rate${learningRate}-seed${seed}`, facts);
        const health = { probe, images: watched, everySteps: Math.ceil(steps / 20) };
        const onStep = (step: number) => bench.progress((before + step / steps) / total, doing);
        return shortTraining({ ...training, learningRate, seed }, { program, images, record, signal, health, onStep });
      });
      runs.push({ model: name, qkNorm, learningRate, seed, outcome });
    }
  }
  await program.dispose();
  await probe.dispose();
  return runs;
}

/** Of any block at any time; a logit that is no number counts as infinite. */
export function largestLogit(runs: readonly Run[]): number {
  return Math.max(
    ...runs.flatMap(({ outcome }) =>
      outcome.health.flatMap(({ maxLogit }) => maxLogit.map((value) => value ?? Number.POSITIVE_INFINITY)),
    ),
  );
}
