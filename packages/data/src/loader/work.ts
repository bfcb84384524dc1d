import { messageOf, SampleError } from "../errors.ts";
import type { Image } from "../image.ts";
import type { Apply } from "../op.ts";
import { openCatalogued, type Source } from "../open-source.ts";
import { compileOps } from "../ops/table.ts";
import { Random } from "../random/random.ts";
import { fold, foldName, keyOf } from "../random/threefry.ts";
import type { Catalog } from "../source.ts";
import { cachedImage, cacheImage, type ImageCache } from "./image-cache.ts";
import { drawMix, mixImages } from "./mix.ts";
import type { Settings } from "./pipeline.ts";

/** What every row of a batch holds. */
export interface RowFormat {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly dtype: "uint8" | "float32";
}

/** All that a thread needs to produce rows of batches; plain but for shared memory. */
export interface WorkPlan {
  readonly settings: Settings;
  readonly catalog: Catalog;
  /** Numbers of the samples that take part. */
  readonly samples: Uint32Array;
  readonly format: RowFormat;
  /** Memory in which batches are put together, one slot for each that is under way. */
  readonly slots: readonly SharedArrayBuffer[];
  readonly cache?: ImageCache;
  /** One integer; threads stop claiming rows when it is not 0. */
  readonly stop: Int32Array;
}

/** A batch to be produced by all threads together. */
export interface Job {
  readonly step: number;
  readonly slot: number;
  /** Sample of each row, -1 for padding. Shared: a thread that replaces a broken sample writes it here. */
  readonly indices: Int32Array;
  readonly epochs: Int32Array;
  /** Shared: rows claimed, rows done. */
  readonly progress: Int32Array;
}

/** A sample that was skipped. */
export interface BrokenSample {
  readonly index: number;
  readonly name: string;
  readonly problem: string;
}

/** Produces rows in one thread. */
export interface Worker {
  readonly source: Source;
  /** The image of a sample after preprocessing in an epoch. */
  sample(index: number, epoch: number): Promise<Image>;
  /**
   * Produces rows of a batch until none is left. The thread that completes it gets the pixels, `[rows, …]` of the format, in
   * memory of their own; the others get undefined.
   */
  work(job: Job): Promise<Uint8Array | Float32Array | undefined>;
  close(): Promise<void>;
}

/** Rows in flight in one thread: while one is decoded by libvips' own thread, another is preprocessed. */
const lanes = 2;

/** Draws for a sample in place of a broken one before giving up: all of them broken means that the set is. */
const replacements = 100;

/** What a thread needs before the format of rows is known. */
export type SamplePlan = Pick<WorkPlan, "settings" | "catalog" | "cache">;

/** Opens the data set and compiles the operations in this thread: enough to make single samples. */
export async function openSampler({
  settings,
  catalog,
  cache,
}: SamplePlan): Promise<Pick<Worker, "source" | "sample" | "close">> {
  const source = await openCatalogued(settings.source, catalog, settings.decode);
  const operations = await compileOps(settings.preprocess);
  const augment = foldName(keyOf(settings.seed), "augment");
  return {
    source,
    async sample(index, epoch) {
      let image = cache && cachedImage(cache, index);
      if (image === undefined) {
        image = await source.read(index);
        if (cache) cacheImage(cache, index, image);
      }
      const key = fold(fold(augment, epoch), index);
      try {
        // Each operation has a stream of its own: what one draws does not change what the next one draws.
        return operations.reduce((input: Image, apply: Apply, i) => apply(input, new Random(fold(key, i))), image);
      } catch (cause) {
        throw new SampleError(source.nameOf(index), index, messageOf(cause), { cause });
      }
    },
    close: () => source.close(),
  };
}

/** Opens a thread's share of the work. Skipped samples are told to `onBroken`. */
export async function openWorker(plan: WorkPlan, onBroken: (sample: BrokenSample) => void): Promise<Worker> {
  const { settings, samples, format, slots, stop } = plan;
  const sampler = await openSampler(plan);
  const { source, sample } = sampler;
  const size = format.height * format.width * format.channels;
  const seedKey = keyOf(settings.seed);

  /** The sample of a row, or what takes its place: another one, or nothing. Returns what the row holds. */
  async function sampleOrReplacement(
    index: number,
    epoch: number,
  ): Promise<{ index: number; image: Image } | undefined> {
    const random = new Random(fold(fold(foldName(seedKey, "replacement"), epoch), index));
    let candidate = index;
    for (let attempt = 0; attempt <= replacements; attempt++) {
      try {
        const image = await sample(candidate, epoch);
        requireFormat(image, format, source.nameOf(candidate), candidate);
        return { index: candidate, image };
      } catch (error) {
        if (settings.onBroken === "throw" || !(error instanceof SampleError)) throw error;
        onBroken({ index: candidate, name: error.sample, problem: error.problem });
        if (settings.last === "pad") return undefined;
        candidate = samples[random.integer(samples.length)]!;
      }
    }
    throw new SampleError(
      source.nameOf(index),
      index,
      `is broken, and so are ${replacements} samples drawn in its place`,
    );
  }

  return {
    ...sampler,
    async work({ step, slot, indices, epochs, progress }) {
      const rows = indices.length;
      const memory = slots[slot]!;
      const data = format.dtype === "uint8" ? new Uint8Array(memory) : new Float32Array(memory);
      let completed = false;
      const lane = async () => {
        while (Atomics.load(stop, 0) === 0) {
          const row = Atomics.add(progress, 0, 1);
          if (row >= rows) return;
          const index = indices[row]!;
          const found = index < 0 ? undefined : await sampleOrReplacement(index, epochs[row]!);
          if (found === undefined) data.fill(0, row * size, (row + 1) * size);
          else data.set(found.image.data, row * size);
          indices[row] = found?.index ?? -1;
          if (Atomics.add(progress, 1, 1) + 1 === rows) completed = true;
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
      if (!completed) return undefined;
      const drawn = drawMix(settings.mixes, mixKey(settings, step), format.height, format.width);
      if (drawn?.apply === "host") mixImages(data, rows, drawn, format.width, format.channels);
      return data.slice();
    },
  };
}

/** The key of the mix of a batch. */
export function mixKey({ seed }: Settings, step: number) {
  return fold(foldName(keyOf(seed), "mix"), step);
}

function requireFormat(image: Image, format: RowFormat, name: string, index: number): void {
  const dtype = image.data instanceof Uint8Array ? "uint8" : "float32";
  const { height, width, channels } = format;
  if (image.height === height && image.width === width && image.channels === channels && dtype === format.dtype) return;
  throw new SampleError(
    name,
    index,
    `is ${image.height}x${image.width}x${image.channels} (${dtype}) after preprocessing, but the first sample is ` +
      `${height}x${width}x${channels} (${format.dtype}); end preprocessing with a resize or crop to a fixed size`,
  );
}
