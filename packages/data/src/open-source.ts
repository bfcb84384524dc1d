import { type DecodeOptions, decodeImage } from "./decode.ts";
import { messageOf, SampleError } from "./errors.ts";
import { type Image, requireImage } from "./image.ts";
import { type LabelSets, labelsOf } from "./label-sets.ts";
import {
  type Attribute,
  type Catalog,
  type Reader,
  requireKnownOptions,
  requireSource,
  type SourceSpec,
} from "./source.ts";
import { formatOf } from "./sources/table.ts";

/** An open data set: what is known of all samples, and random access to their images. */
export interface Source {
  /** Number of samples. */
  readonly length: number;
  /** Class names in label order. */
  readonly classes: readonly string[];
  /** `[length]` class numbers, the first where a sample has several; negative where a label is no class number, or there is none. */
  readonly labels: Int32Array;
  /** All class numbers of each sample, of a data set in which one may have several or none. */
  readonly labelSets?: LabelSets;
  /** Facts about the samples beside their classes. */
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** How a person finds a sample: `cats/17.jpg`, `train.parquet#17`. */
  nameOf(index: number): string;
  /** The decoded image. Throws a `SampleError` that names the sample. */
  read(index: number): Promise<Image>;
  close(): Promise<void>;
}

/** Looks at the files of a data set. Throws a `DatasetError` when it cannot be used. */
export async function catalogOf(spec: SourceSpec): Promise<Catalog> {
  requireSource(spec);
  const format = await formatOf(spec);
  requireKnownOptions(spec, format);
  return format.catalog(spec.options);
}

/** Opens a data set whose catalog is known already, perhaps found by another thread. */
export async function openCatalogued(spec: SourceSpec, catalog: Catalog, decode?: DecodeOptions): Promise<Source> {
  const reader = await (await formatOf(spec)).open(spec.options, catalog);
  const { classes, labels, labelSets, attributes = {} } = catalog;
  return {
    length: labels.length,
    classes,
    labels,
    ...(labelSets && { labelSets }),
    attributes,
    nameOf: (index) => reader.nameOf(requireIndex(index, labels.length)),
    read: async (index) => readSample(reader, catalog, requireIndex(index, labels.length), decode),
    close: () => reader.close(),
  };
}

/**
 * Opens a data set.
 *
 *     const source = await openSource(cifar10({ folder: "data/cifar10", split: "test" }));
 *     source.classes[source.labels[0]!];  // "cat"
 *     await source.read(0);               // { height: 32, width: 32, channels: 3, data: Uint8Array }
 */
export async function openSource(spec: SourceSpec, decode?: DecodeOptions): Promise<Source> {
  return openCatalogued(spec, await catalogOf(spec), decode);
}

async function readSample(
  reader: Reader,
  catalog: Catalog,
  index: number,
  decode: DecodeOptions | undefined,
): Promise<Image> {
  const { classes, strays = [], problems } = catalog;
  const known = problems?.get(index);
  if (known !== undefined) throw new SampleError(reader.nameOf(index), index, known);
  const label = labelsOf(catalog, index).find((own) => own < 0 || own >= classes.length);
  if (label !== undefined) {
    const given = strays[-1 - label] ?? label;
    const problem = `its label ${given} is no class; there are ${classes.length}, from 0 to ${classes.length - 1}`;
    throw new SampleError(reader.nameOf(index), index, problem);
  }
  try {
    const read = await reader.read(index);
    return read instanceof Uint8Array ? await decodeImage(read, decode) : requireImage(read, "the data set");
  } catch (cause) {
    throw new SampleError(reader.nameOf(index), index, messageOf(cause), { cause });
  }
}

function requireIndex(index: number, length: number): number {
  if (Number.isInteger(index) && index >= 0 && index < length) return index;
  throw new RangeError(`sample ${index} of a data set of ${length}; give an integer from 0 to ${length - 1}`);
}
