import type { HostTensor } from "@vitscale/core";
import type { OptimizerConfig } from "@vitscale/train";
import type { ViTConfig } from "@vitscale/vit";
import type { Bench } from "../claim.ts";
import { recipeOptimizer, type Share } from "./compare-variants.ts";
import { type OutputName, outputProbe } from "./outputs.ts";
import { type ImageSet, type ShapesOptions, shapesSet } from "./shapes.ts";
import { type ShortTraining, shortTraining } from "./short-training.ts";
import { vitProgram } from "./vit-program.ts";

/** A training whose model is looked at afterwards. */
export interface LookedAtTraining extends ShortTraining {
  readonly model: ViTConfig;
  readonly optimizer?: OptimizerConfig;
  /** The images to train on. */
  readonly images: ShapesOptions;
}

/** What a trained model makes of images. */
export type OutputsOf = (output: OutputName, images: ImageSet) => Promise<HostTensor<"float32">>;

/**
 * Trains a model and looks at it while it is in memory. What was seen is a cell, and the training a run record, both of that name.
 *
 * @param look gives JSON
 * @throws Error when the loss stopped being a number: then there is nothing to look at.
 */
export function trainAndLook<T>(
  name: string,
  { model, optimizer = recipeOptimizer, images: shapes, ...training }: LookedAtTraining,
  { bench, progress }: { readonly bench: Bench; readonly progress: Share },
  look: (outputsOf: OutputsOf) => Promise<T>,
): Promise<T> {
  const { engine, signal } = bench;
  return bench.cell(name, async () => {
    const { seed, steps } = training;
    const images = await shapesSet(shapes);
    const program = vitProgram(model, { engine, optimizer });
    const seen: T[] = [];
    try {
      await shortTraining(training, {
        ...{ program, images, signal },
        record: bench.record(name, { config: { ...training, model, optimizer, images: shapes }, seed, steps }),
        onStep: (step) => progress(step / steps, `training ${name}`),
        async onTrained(params) {
          seen.push(
            await look(async (output, set) => {
              const probe = outputProbe(model, engine, output);
              try {
                return await probe.outputsOf(params, set);
              } finally {
                await probe.dispose();
              }
            }),
          );
        },
      });
      if (seen.length === 0) {
        throw new Error(
          `the loss of ${name} stopped being a number; its recipe must train for the claim to be measured`,
        );
      }
      return seen[0]!;
    } finally {
      await program.dispose();
    }
  });
}

/** Trains each of several models with every seed and looks at them: what was seen, [seeds] by name. */
export async function lookAtEach<T>(
  trainings: Readonly<Record<string, Omit<LookedAtTraining, "seed">>>,
  seeds: readonly number[],
  bench: Bench,
  look: (outputsOf: OutputsOf) => Promise<T>,
): Promise<Record<string, T[]>> {
  const seen: Record<string, T[]> = {};
  const total = Object.keys(trainings).length * seeds.length;
  let done = 0;
  for (const [name, training] of Object.entries(trainings)) {
    seen[name] = [];
    for (const seed of seeds) {
      const progress = (share: number, doing: string) => bench.progress((done + share) / total, doing);
      seen[name].push(await trainAndLook(`${name} seed ${seed}`, { ...training, seed }, { bench, progress }, look));
      done += 1;
    }
  }
  return seen;
}
