import { join } from "node:path";
import {
  type DeviceTensor,
  type HostTensor,
  hostTensor,
  isDeviceTensor,
  openSafetensors,
  saveSafetensors,
  treeEntries,
  treeMap,
} from "@vitscale/core";
import { adaptParameters, type HostParameters, type OptimizerConfig } from "@vitscale/train";
import { isParameterShape, type ParameterShape, parameterShapes, type ViTConfig } from "@vitscale/vit";
import type { Bench } from "../claim.ts";
import { type ImagesOptions, imageSet, testImagesOf } from "./images.ts";
import { type InitialValues, initialValues } from "./initial-values.ts";
import { qualityProbe } from "./quality.ts";
import { type ShortTraining, shortTraining, type TrainingOutcome } from "./short-training.ts";
import { stepFlops } from "./step-flops.ts";
import { type StateInMemory, type VitProgram, vitProgram } from "./vit-program.ts";

/** What short trainings use unless they compare optimizers. */
export const recipeOptimizer: OptimizerConfig = { kind: "adamw", weightDecay: 1e-4, beta2: 0.95 };

/** Everything that a short training depends on but its seed: claims that say the same share what comes out. */
export interface Training extends Omit<ShortTraining, "seed"> {
  readonly model: ViTConfig;
  /** AdamW with β₂ = 0.95 and a weight decay of 1e-4 unless given. */
  readonly optimizer?: OptimizerConfig;
  /** What it begins with: other initial values than those of the model, or what another training with the same seed came to. */
  readonly start?: InitialValues | { readonly kind: "trained"; readonly training: Training };
  /** The images to train on. */
  readonly images: ImagesOptions;
  /** How many other images of the same statistics it is measured on in the end. */
  readonly testImages: number;
}

/** A finished training. */
export interface Trained {
  readonly outcome: TrainingOutcome;
  /** Reads the trained parameters. @throws Error where the loss stopped being a number: there is nothing to read. */
  params(): Promise<HostParameters>;
}

/** What is told while something is measured: the share that is done. */
export type Share = (share: number, doing: string) => void;

const paramsFile = "params.safetensors";

/** Trains a model with each seed, or finds what a claim before left. A training is a run record called after `name`. */
export async function trainSeeds(
  name: string,
  { optimizer = recipeOptimizer, ...training }: Training,
  seeds: readonly number[],
  { bench, progress }: { readonly bench: Bench; readonly progress: Share },
): Promise<Trained[]> {
  const { model, images, testImages, start, ...recipe } = training;
  const { engine, signal } = bench;
  const test = testImagesOf(images, testImages);
  // Compiled by the first seed that is not known yet.
  let tools: { program: VitProgram; quality: ReturnType<typeof qualityProbe> } | undefined;
  const trained: Trained[] = [];
  try {
    for (const [index, seed] of seeds.entries()) {
      const description = { ...training, optimizer, seed };
      const { folder, value } = await bench.shared(description, async (place) => {
        progress(index / seeds.length, "preparing images");
        const [known, unknown] = [await imageSet(images), await imageSet(test)];
        const initial = await firstValues({ start, model }, seed, (before) => {
          const share = (_: number, doing: string) => progress(index / seeds.length, doing);
          return trainSeeds(`${name}, before`, before, [seed], { bench, progress: share });
        });
        tools ??= {
          program: vitProgram(model, { engine, optimizer }),
          quality: qualityProbe(model, engine, unknown, Math.min(testImages, 256)),
        };
        const record = bench.record(`${name}-seed${seed}`, {
          ...{ config: { ...description, batchSize: recipe.batch }, seed, steps: recipe.steps },
          flopsPerStep: stepFlops({ model, batch: recipe.batch }),
        });
        return shortTraining(
          { ...recipe, seed },
          {
            ...{ ...tools, record, signal, images: known, ...(initial && { initial }) },
            onStep: (step) => progress((index + step / recipe.steps) / seeds.length, `training ${name}, seed ${seed}`),
            onTrained: (params) => writeParams(join(place, paramsFile), params),
          },
        );
      });
      trained.push({
        outcome: value,
        params() {
          if (value.finalLoss !== null) return readParams(join(folder, paramsFile), model);
          throw new Error(
            `the loss of ${name} seed ${seed} stopped being a number; its recipe must train for the claim to be measured`,
          );
        },
      });
    }
  } finally {
    await tools?.program.dispose();
    await tools?.quality.dispose();
  }
  return trained;
}

/** The parameters that a training begins with; nothing where those are the model's own. */
async function firstValues(
  { start, model }: { readonly start: Training["start"]; readonly model: ViTConfig },
  seed: number,
  train: (training: Training) => Promise<Trained[]>,
): Promise<HostParameters | undefined> {
  if (start === undefined) return undefined;
  if (start.kind !== "trained") return initialValues(start, model, seed);
  const [before] = await train(start.training);
  return adaptParameters({ config: start.training.model, params: await before!.params() }, model, seed);
}

async function writeParams(path: string, params: StateInMemory["params"]): Promise<void> {
  const tensors = new Map<string, HostTensor>();
  for (const [name, tensor] of treeEntries<DeviceTensor>(params, isDeviceTensor)) {
    tensors.set(name, hostTensor("float32", tensor.shape, (await tensor.read()) as Float32Array));
  }
  await saveSafetensors(path, tensors);
}

async function readParams(path: string, model: ViTConfig): Promise<HostParameters> {
  const file = await openSafetensors(path);
  try {
    const tensors = new Map<string, HostTensor>();
    for (const name of file.tensors.keys()) tensors.set(name, await file.read(name));
    const leaf = (_: ParameterShape, name: string) => tensors.get(name) as HostTensor<"float32">;
    return treeMap(leaf, parameterShapes(model), isParameterShape) as HostParameters;
  } finally {
    await file.close();
  }
}
