import { didYouMean } from "@vitscale/core";
import {
  evaluationCrop,
  imageFolder,
  type Op,
  openLoader,
  openSource,
  type Pipeline,
  resize,
  type Source,
} from "@vitscale/data";
import {
  extractFeatures,
  oodDataset,
  oodDatasets,
  oodPreprocess,
  type PredictCorruptedOptions,
  predict,
  predictCorrupted,
  type SuiteName,
  type Table,
} from "@vitscale/eval";
import { findCheckpoint } from "../../checkpoints/files.ts";
import type { DataConfig, ResolvedConfig } from "../../config/train-config.ts";
import { keepExamples } from "../../look/example-keeper.ts";
import { writeExamples } from "../../look/write-examples.ts";
import { requireOneLabel } from "../../require-fit.ts";
import { hasRun } from "../../runs/info.ts";
import { type NamedSpec, requireLearned } from "../../suite-classes.ts";
import { loadTrainedModel, type TrainedModel } from "../../trained-model.ts";
import { type Arguments, UsageError } from "../arguments.ts";
import { giveLabelMap, learnedClasses } from "./label-space.ts";
import type { Output } from "./output.ts";

/** What results say of where predictions are from. */
export interface PredictionFacts {
  readonly source: string;
  readonly step: number;
  readonly prefix: string;
}

/** What a suite reads of a model: its scores, its scores on corrupted images too, or its features of training and other images. */
export type TableKind = "scores" | "corrupted" | "features";

/** What a suite of a name reads. */
export function tableKindOf(suite: SuiteName): TableKind {
  if (suite === "corruptions") return "corrupted";
  return suite === "fewshot" || suite === "knn" || suite === "probe" ? "features" : "scores";
}

/** How images of a folder become squares: by a rule, or by the one of a data set, such as `objectnet`. */
export const crops: readonly string[] = [
  "standard",
  "square",
  "aspect",
  "whole",
  ...oodDatasets.map(({ name }) => name),
];

function cropOf(rule: string, side: number): Op[] {
  if (rule === "standard" || rule === "square" || rule === "aspect") return evaluationCrop(side, rule);
  if (rule === "whole") return [resize({ size: side })];
  if (crops.includes(rule)) return oodPreprocess(oodDataset(rule), side);
  throw new UsageError(`--crop ${rule}${didYouMean(rule, crops)}; give one of ${crops.join(", ")}`);
}

/** What was asked for on the command line. */
export interface Asked {
  readonly texts: Arguments["texts"];
  readonly specs: readonly NamedSpec[];
  /** Of evaluations: where a table of scores is made and the classes are the model's, one that shows single images is left there. */
  readonly folder: string;
  readonly output: Output;
}

/**
 * What a run's model says of images: those of an evaluation in its configuration, or of a folder.
 *
 * @param use is given the predictions, part by part as they are made
 * @returns the file of the evaluation that shows single images, where there are some to show
 * @throws RangeError where the images are of classes that the model does not know, and a suite needs to know them
 */
export async function predictRun(
  run: string,
  kind: TableKind,
  { texts, specs, folder, output: { error } }: Asked,
  use: (predictions: AsyncIterable<Table>, facts: PredictionFacts) => Promise<void>,
): Promise<string | undefined> {
  if (!hasRun(run)) throw new UsageError(`there is no run in ${run}; vitscale runs lists those that there are`);
  const [which = "latest"] = texts.checkpoint ?? [];
  const path = findCheckpoint(run, which === "latest" || which === "best" ? which : requireStep(which));
  const names = texts.feature?.flatMap((text) => text.split(","));
  const model = await loadTrainedModel(path, { ...(kind === "features" && { features: names ? { names } : {} }) });
  try {
    const { data, prefix } = imagesFor(model.config, texts);
    const own = specs.filter(({ suite }) => tableKindOf(suite) === kind);
    const learned = await learnedClasses(model.config, error);
    const images = await factsOf(data);
    requireOneLabel(images, prefix, own.length);
    if (learned && texts.map === undefined) {
      requireLearned(own, { name: prefix, classes: images.classes, remedy: giveLabelMap }, learned);
    }
    const note = (images: number | string) => error(`${images} images through ${path}\n`);
    const facts = { source: `${path} on ${prefix}`, step: model.step, prefix };
    if (kind !== "scores") {
      const passes = { data, corruptions: corruptionsIn(own), learned, name: `${prefix} images`, note };
      await use(partsOf(kind, model, passes), facts);
      return undefined;
    }
    const loader = await openLoader(pipelineOf(model.config, data), model.config.loader);
    try {
      note(loader.samples);
      const { source } = loader;
      const { classes } = model.config.model;
      const isKnown = learned ? `${learned}` === `${source.classes}` : source.classes.length === classes;
      const keeper = isKnown ? keepExamples(classes) : undefined;
      const { pass, score } = keeper?.watch(loader, model.score) ?? { pass: loader, score: model.score };
      await use(predict(score, pass, `${prefix} images`, learned), facts);
      if (keeper === undefined) return undefined;
      const { attention } = model;
      return await writeExamples(keeper, { ...facts, folder, name: prefix, images: source, attention });
    } finally {
      await loader.close();
    }
  } finally {
    await model.dispose();
  }
}

/** What is known of images before one is read. */
async function factsOf({ source }: DataConfig): Promise<Source> {
  const opened = await openSource(source);
  await opened.close();
  return opened;
}

/** The options of the suite `corruptions`, which say what its table is made of. */
function corruptionsIn(specs: readonly NamedSpec[]): PredictCorruptedOptions {
  for (const spec of specs) {
    if (spec.suite !== "corruptions") continue;
    const { suite: _, scores: __, ...options } = spec;
    return options;
  }
  return {};
}

/** What a model is shown. */
interface Passes {
  readonly data: DataConfig;
  /** What is done to the images of the kind `corrupted`. */
  readonly corruptions: PredictCorruptedOptions;
  /** Names of the model's classes, where they are known. */
  readonly learned: readonly string[] | undefined;
  readonly name: string;
  readonly note: (images: number | string) => void;
}

async function* partsOf(
  kind: Exclude<TableKind, "scores">,
  { config, score }: TrainedModel,
  { data, corruptions, learned, name, note }: Passes,
): AsyncGenerator<Table> {
  if (kind === "corrupted") {
    const { scale = config.model.imageSide > 64 ? "imagenet-c" : "cifar-10-c" } = corruptions;
    note(`clean and, by the parameters of ${scale}, corrupted`);
    const options = { ...corruptions, scale, ...config.loader, ...(learned && { modelClasses: learned }) };
    yield* predictCorrupted(score, pipelineOf(config, data), options, name);
    return;
  }
  // Training images are seen as the others are, without augmentation.
  const { source, subset } = config.data;
  const training = { ...data, source, ...(subset !== undefined && { subset }) };
  for (const [split, own] of [
    ["train", training],
    ["test", data],
  ] as const) {
    const loader = await openLoader(pipelineOf(config, own), config.loader);
    try {
      note(loader.samples);
      yield* extractFeatures(score, loader, split, name, learned);
    } finally {
      await loader.close();
    }
  }
}

/** One pass over images in their order. */
function pipelineOf({ seed, batchSize }: ResolvedConfig, own: DataConfig): Pipeline {
  return { ...own, seed, batchSize, shuffle: false, epochs: 1, last: "pad" };
}

/** The images, and the name of what they are. */
function imagesFor(
  { evaluations, model }: ResolvedConfig,
  texts: Arguments["texts"],
): { data: DataConfig; prefix: string } {
  const [folder] = texts.images ?? [];
  if (folder !== undefined) {
    const [crop = "standard"] = texts.crop ?? [];
    const preprocess = cropOf(crop, model.imageSide);
    const name = folder.replace(/\/+$/, "").split("/").at(-1)!.toLowerCase();
    return { data: { source: imageFolder({ folder }), preprocess }, prefix: name };
  }
  const names = Object.keys(evaluations);
  const [name = names[0]] = texts.on ?? [];
  const evaluation = name === undefined ? undefined : evaluations[name];
  if (name === undefined || evaluation === undefined) {
    throw new UsageError(
      `the run's configuration has no evaluation "${name ?? ""}"${didYouMean(name ?? "", names)}; it has ${names.join(", ") || "none"}; or ` +
        "give --images DIR",
    );
  }
  return { data: evaluation.data, prefix: name };
}

function requireStep(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`--checkpoint ${text}: give latest, best, or a step`);
}
