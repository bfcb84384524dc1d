import { fieldsOf, requireFields, requireInteger, requireOneOf, shown } from "../checks.ts";
import { checkDecodeOptions, type DecodeOptions } from "../decode.ts";
import type { Op } from "../op.ts";
import { keyOf } from "../random/threefry.ts";
import { requireSource, type SourceSpec } from "../source.ts";
import { type Mix, requireMix } from "./mix.ts";
import type { Subset } from "./subset.ts";

/**
 * What a stream of batches consists of: everything that decides a number in it, and nothing else.
 *
 * A plain value: it can stand in a config and in a run record, and two equal pipelines give equal batches, on any machine
 * and with any number of workers. How fast they come is the matter of `LoaderOptions`.
 */
export interface Pipeline {
  readonly source: SourceSpec;
  /** Default: all samples. */
  readonly subset?: Subset;
  readonly decode?: DecodeOptions;
  /** Operations on each image, in order. All images must leave the last one in the same size. */
  readonly preprocess?: readonly Op[];
  /** Rows of a batch. */
  readonly batchSize: number;
  /** Whether every epoch has its own random order (training) or all keep the order of the data set. Default false. */
  readonly shuffle?: boolean;
  /**
   * What becomes of the samples that do not fill the last batch of an epoch.
   *
   * - `drop`: they are left out, others in every epoch. Default where shuffled.
   * - `wrap`: the batch is filled from the next epoch, so that each sample is seen exactly once an epoch.
   * - `pad`: the batch is filled with rows of zeros, index -1 and mask 0. Default where not shuffled.
   */
  readonly last?: "drop" | "wrap" | "pad";
  /** Passes over the data. Default: no end where shuffled, one where not. */
  readonly epochs?: number;
  /** Decides the order, every augmentation and every mix. Default 0. */
  readonly seed?: number;
  /** Mixes the images of a batch. Several: one is drawn for each batch. */
  readonly mix?: Mix | readonly Mix[];
  /**
   * `class`: int32 numbers `[batch]`. `soft`: float32 rows `[batch, classes]`, with a 1 for each class of the image. Default: `soft` for
   * images that are mixed here and for data sets in which an image may have several classes, else `class`.
   */
  readonly labels?: "class" | "soft";
  /**
   * What happens to a sample that cannot be read, decoded or preprocessed, or whose label is no class.
   *
   * - `throw` (default): iteration fails with a `SampleError`.
   * - `skip`: it is counted in `Loader.broken`; its row gets another sample, drawn from the seed (or, where `last` is `pad`,
   *   becomes a row of padding, so that an evaluation counts no sample twice).
   */
  readonly onBroken?: "throw" | "skip";
}

/** A pipeline with its defaults filled in. */
export type Settings = Required<Omit<Pipeline, "subset" | "decode" | "mix">> & {
  readonly decode: DecodeOptions;
  readonly mixes: readonly Mix[];
};

const fields = fieldsOf<Pipeline>({
  source: true,
  subset: true,
  decode: true,
  preprocess: true,
  batchSize: true,
  shuffle: true,
  last: true,
  epochs: true,
  seed: true,
  mix: true,
  labels: true,
  onBroken: true,
});

/**
 * Checks a pipeline, which may come from a file or a command line, and fills in the defaults.
 *
 * @throws RangeError for unknown fields, and for numbers, words and combinations that make no sense; TypeError for what is
 *   no pipeline, source, operation or mix.
 */
export function settingsOf(pipeline: Pipeline): Settings {
  requireFields(pipeline, "the pipeline", fields);
  const { source, batchSize, shuffle = false, preprocess = [], decode = {}, onBroken = "throw" } = pipeline;
  const { last = shuffle ? "drop" : "pad", epochs = shuffle ? Number.POSITIVE_INFINITY : 1, seed = 0 } = pipeline;
  const { mix = [] } = pipeline;
  const mixes = [mix].flat();
  for (const one of mixes) requireMix(one);
  requireSource(source);
  requireOperations(preprocess);
  checkDecodeOptions(decode);
  if (typeof shuffle !== "boolean") throw new TypeError(`shuffle is ${shown(shuffle)}; give true or false`);
  requireOneOf("last", last, ["drop", "wrap", "pad"]);
  requireOneOf("onBroken", onBroken, ["throw", "skip"]);
  requireOneOf("labels", pipeline.labels ?? "class", ["class", "soft"]);
  requireInteger("batchSize", batchSize, 1);
  // Refuses what is no seed before any file is looked at.
  keyOf(seed);
  if (epochs !== Number.POSITIVE_INFINITY && !(Number.isInteger(epochs) && epochs > 0)) {
    throw new RangeError(`epochs is ${shown(epochs)}; give a whole number above 0, or Infinity`);
  }
  if (mixes.length > 0 && last === "pad") {
    throw new RangeError(
      'images are mixed, but the last batch is padded: padding would be mixed in; set last to "drop" or "wrap"',
    );
  }
  const mixesHere = mixes.some(({ apply }) => apply === "host");
  if (mixesHere && pipeline.labels === "class") {
    throw new RangeError(
      'images are mixed on the host, but labels are "class"; set labels to "soft", or apply to "graph"',
    );
  }
  const labels = pipeline.labels ?? (mixesHere ? "soft" : "class");
  return { source, batchSize, shuffle, preprocess, decode, onBroken, last, epochs, seed, mixes, labels };
}

function requireOperations(preprocess: readonly Op[]): void {
  if (!Array.isArray(preprocess)) {
    throw new TypeError(`preprocess is ${shown(preprocess)}; give a list of operations, such as [flip()]`);
  }
  for (const [i, operation] of preprocess.entries()) {
    if (typeof operation?.op === "string" && typeof operation.options === "object") continue;
    throw new TypeError(`preprocess[${i}] is ${shown(operation)}; give an operation, such as flip()`);
  }
}
