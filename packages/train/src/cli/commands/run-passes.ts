import { openLoader, type Pipeline } from "@vitscale/data";
import {
  type Column,
  columnOf,
  extractFeatures,
  type FeatureOptions,
  numberColumn,
  numbersOf,
  type PredictCorruptedOptions,
  pickColumns,
  predict,
  predictCorrupted,
  type SuiteName,
  type Table,
  table,
  textColumn,
  vectorColumn,
} from "@vitscale/eval";
import type { DataConfig, ResolvedConfig } from "../../config/train-config.ts";
import type { NamedSpec } from "../../suite-classes.ts";
import type { TrainedModel } from "../../trained-model.ts";

/**
 * What a suite reads of a model: its scores; its scores on corrupted images too, or on images of other kinds; or its features of training and
 * other images.
 */
export type TableKind = "scores" | "corrupted" | "distributions" | "features";

/** What a suite of a name reads. */
export function tableKindOf(suite: SuiteName): TableKind {
  if (suite === "corruptions") return "corrupted";
  if (suite === "detection") return "distributions";
  return suite === "fewshot" || suite === "knn" || suite === "probe" ? "features" : "scores";
}

/** The intermediates that stand in place of a model's logits, if any. */
export function intermediatesOf(kind: TableKind, names: readonly string[] | undefined): FeatureOptions | undefined {
  if (kind === "features") return names ? { names } : {};
  // One pass gives both: logits first, features behind them.
  return kind === "distributions" && names ? { names: ["logits", ...names] } : undefined;
}

/** What a model is shown. */
export interface Passes {
  readonly data: DataConfig;
  /** Images of other kinds, for detection. */
  readonly others: readonly { readonly data: DataConfig; readonly prefix: string }[];
  /** Whether what the model says of images has features behind its logits, for detection. */
  readonly withFeatures: boolean;
  /** The suites, some of which say what is done to images. */
  readonly specs: readonly NamedSpec[];
  /** Names of the model's classes, where they are known. */
  readonly learned: readonly string[] | undefined;
  readonly name: string;
  readonly note: (images: number | string) => void;
}

/** What a model says in all passes over images that a kind of table is made of, part by part. */
export function passesOf(
  kind: Exclude<TableKind, "scores">,
  model: TrainedModel,
  passes: Passes,
): AsyncGenerator<Table> {
  if (kind === "corrupted") return corruptedPasses(model, passes);
  return kind === "features" ? featurePasses(model, passes) : distributionPasses(model, passes);
}

async function* corruptedPasses({ config, score }: TrainedModel, { data, specs, learned, name, note }: Passes) {
  const corruptions = corruptionsIn(specs);
  const { scale = config.model.imageSide > 64 ? "imagenet-c" : "cifar-10-c" } = corruptions;
  note(`clean and, by the parameters of ${scale}, corrupted`);
  const options = { ...corruptions, scale, ...config.loader, ...(learned && { modelClasses: learned }) };
  yield* predictCorrupted(score, pipelineOf(config, data), options, name);
}

async function* featurePasses({ config, score }: TrainedModel, { data, learned, name, note }: Passes) {
  for (const [split, own] of [
    ["train", trainingImages(config, data)],
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

async function* distributionPasses(
  { config, score }: TrainedModel,
  { data, others, withFeatures, learned, name, note }: Passes,
) {
  const { classes } = config.model;
  const named = [["in", data] as const, ...others.map(({ data: own, prefix }) => [prefix, own] as const)];
  const passes = withFeatures ? [["train", trainingImages(config, data)] as const, ...named] : named;
  for (const [distribution, own] of passes) {
    const loader = await openLoader(pipelineOf(config, own), config.loader);
    try {
      note(loader.samples);
      for await (const part of predict(score, loader, name, learned)) {
        yield ofDistribution(part, distribution, classes);
      }
    } finally {
      await loader.close();
    }
  }
}

/** Columns that images of all kinds have; labels are NaN where the model does not know the classes. */
function ofDistribution(part: Table, distribution: string, classes: number): Table {
  const columns = new Map<string, Column>(pickColumns(part, ["image"]).columns);
  const said = columnOf(part, "scores", "vector");
  const labels = part.columns.has("label") ? numbersOf(part, "label") : new Float64Array(part.length).fill(Number.NaN);
  columns.set("label", numberColumn(Float64Array.from(labels)));
  columns.set("distribution", textColumn(Array.from({ length: part.length }, () => distribution)));
  columns.set("scores", slice(said.data, said.width, 0, classes));
  if (said.width > classes) columns.set("features", slice(said.data, said.width, classes, said.width));
  return table(columns, part.name);
}

/** Some of the numbers of every row: [rows, width] to [rows, end - start]. */
function slice(data: Float32Array, width: number, start: number, end: number): Column {
  const rows = data.length / width;
  const part = new Float32Array(rows * (end - start));
  for (let row = 0; row < rows; row++) {
    part.set(data.subarray(row * width + start, row * width + end), row * (end - start));
  }
  return vectorColumn(part, end - start);
}

/** Training images as the others are seen, without augmentation. */
function trainingImages({ data: { source, subset } }: ResolvedConfig, { subset: _, ...seen }: DataConfig): DataConfig {
  return { ...seen, source, ...(subset !== undefined && { subset }) };
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

/** One pass over images in their order. */
export function pipelineOf({ seed, batchSize }: ResolvedConfig, own: DataConfig): Pipeline {
  return { ...own, seed, batchSize, shuffle: false, epochs: 1, last: "pad" };
}
