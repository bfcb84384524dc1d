import type { HostTensor } from "@vitscale/core";
import type { Bench } from "../claim.ts";
import { type OutputName, outputProbe } from "./outputs.ts";
import type { ImageSet } from "./shapes.ts";
import { type Share, type Training, trainSeeds } from "./train-once.ts";

/** What a trained model makes of images. */
export type OutputsOf = (output: OutputName, images: ImageSet) => Promise<HostTensor<"float32">>;

/**
 * Trains a model with every seed and looks at each. What was seen is a cell.
 *
 * @param look gives JSON
 * @throws Error when the loss stopped being a number: then there is nothing to look at.
 */
export async function trainAndLook<T>(
  name: string,
  training: Training,
  seeds: readonly number[],
  { bench, progress }: { readonly bench: Bench; readonly progress: Share },
  look: (outputsOf: OutputsOf) => Promise<T>,
): Promise<T[]> {
  const trained = await trainSeeds(name, training, seeds, {
    bench,
    progress: (share, doing) => progress(0.9 * share, doing),
  });
  const seen: T[] = [];
  for (const [index, { params }] of trained.entries()) {
    seen.push(
      await bench.cell(`${name} seed ${seeds[index]}`, async () => {
        progress(0.9 + (0.1 * index) / seeds.length, `looking at ${name}`);
        const values = await params();
        return look(async (output, images) => {
          const probe = outputProbe(training.model, bench.engine, output);
          try {
            return await probe.outputsOf(values, images);
          } finally {
            await probe.dispose();
          }
        });
      }),
    );
  }
  return seen;
}

/** Trains each of several models with every seed and looks at them: what was seen, [seeds] by name. */
export async function lookAtEach<T>(
  trainings: Readonly<Record<string, Training>>,
  seeds: readonly number[],
  bench: Bench,
  look: (outputsOf: OutputsOf) => Promise<T>,
): Promise<Record<string, T[]>> {
  const seen: Record<string, T[]> = {};
  const entries = Object.entries(trainings);
  for (const [index, [name, training]] of entries.entries()) {
    const progress = (share: number, doing: string) => bench.progress((index + share) / entries.length, doing);
    seen[name] = await trainAndLook(name, training, seeds, { bench, progress }, look);
  }
  return seen;
}
