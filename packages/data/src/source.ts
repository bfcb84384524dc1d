import { requireOptions, shown } from "./checks.ts";
import type { Image } from "./image.ts";
import { lastingUrl } from "./import-module.ts";
import type { LabelSets } from "./label-sets.ts";

/**
 * A data set as data: the name of its format, and options such as paths.
 *
 * Being plain, it can be written in a config, stored in a run record, and sent to worker threads.
 */
export interface SourceSpec {
  readonly source: string;
  readonly options: object;
  /** For a format that is not built in: the URL of the module that exports it under its name. */
  readonly module?: string;
}

/** A fact about each sample beside its class, such as its texture or a group that it belongs to. */
export interface Attribute {
  /** What the numbers stand for. */
  readonly values: readonly string[];
  /** One number for each sample, an index into `values`. */
  readonly of: Int32Array;
}

/**
 * What is known of a data set before an image is read: found once, in the main thread, and sent to every worker.
 *
 * Plain, and its large parts lie in shared memory, so that many workers hold it once.
 */
export interface Catalog {
  readonly classes: readonly string[];
  /**
   * Class number of each sample, as the files have it: a number that is no class is found when the sample is read. Where samples have
   * several, the first, and -1 where one has none.
   */
  readonly labels: Int32Array;
  /** All class numbers of each sample, of a data set in which one may have several or none. */
  readonly labelSets?: LabelSets;
  /** What stands in the files where a label is no class number at all: the label -1 - i stands for stray i. */
  readonly strays?: readonly string[];
  /** What is wrong with samples that the files hold in part only, by number: each is told when that sample is read. */
  readonly problems?: ReadonlyMap<number, string>;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** Reads samples, in whichever thread it was opened. */
export interface Reader {
  /** The pixels, or the bytes of an image file yet to be decoded. Throws for what is wrong with this sample alone. */
  read(index: number): Image | Promise<Image | Uint8Array>;
  /** How a person finds the sample: `cats/17.jpg`, `train.parquet#17`. */
  nameOf(index: number): string;
  close(): Promise<void>;
}

/** How a format is read; `C` is what it keeps in its catalog beyond classes and labels. */
export interface SourceFormat<Options extends object, C extends Catalog> {
  /** Names of all options; where they are given, a misspelt one is refused. */
  readonly options?: { readonly [Name in keyof Options]-?: true };
  /** Looks at the files: counts, labels, offsets. Throws a `DatasetError` for what makes the whole set unusable. */
  catalog(options: Options): C | Promise<C>;
  /** A reader for this thread. */
  open(options: Options, catalog: C): Reader | Promise<Reader>;
}

/** Makes a {@link SourceSpec} of options, and knows how to read it. */
export interface SourceConstructor<Options extends object, C extends Catalog> {
  (options: Options): SourceSpec;
  readonly format: SourceFormat<Options, C>;
}

/**
 * Defines a format of data sets. One of your own works like a built-in one if its module exports it under `name` and
 * passes `import.meta.url`. Options must survive a structured clone.
 */
export function defineSource<Options extends object, C extends Catalog>(
  name: string,
  format: SourceFormat<Options, C>,
  module?: string,
): SourceConstructor<Options, C> {
  const construct = (options: Options): SourceSpec => {
    const spec = { source: name, options, ...(module === undefined ? {} : { module: lastingUrl(module) }) };
    requireKnownOptions(spec, format);
    return spec;
  };
  return Object.assign(construct, { format });
}

/** @throws TypeError for what is no description of a data set. */
export function requireSource(spec: SourceSpec): void {
  if (typeof spec?.source === "string" && typeof spec.options === "object") return;
  throw new TypeError(`source is ${shown(spec)}; give a data set, such as generatedShapes({ length, side })`);
}

/** @throws RangeError for an option that the format does not have: specs may be written without their constructor. */
export function requireKnownOptions<Options extends object, C extends Catalog>(
  { source, options }: SourceSpec,
  format: SourceFormat<Options, C>,
): void {
  if (format.options !== undefined) requireOptions(options, source, Object.keys(format.options));
}
