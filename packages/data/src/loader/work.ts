import { SampleError } from "../errors.ts";
import type { Image } from "../image.ts";
import { Random } from "../random/random.ts";
import { fold, foldName, keyOf } from "../random/threefry.ts";
import { drawMix, mixImages } from "./mix.ts";
import { type BrokenSample, type Job, mixKey, type RowFormat, type WorkPlan } from "./plan.ts";
import { openSampler } from "./sampler.ts";

/** Produces rows of batches in one thread. */
export interface RowWorker {
  /**
   * Produces rows of a batch until none is left. The thread that completes it gets the pixels, `[rows, height, width,
   * channels]`, in memory of their own; the others get undefined.
   */
  work(job: Job): Promise<Uint8Array | Float32Array | undefined>;
  close(): Promise<void>;
}

/** Rows in flight in one thread: while one is decoded by libvips' own thread, another is preprocessed. */
const lanes = 2;

/** Draws for a sample in place of a broken one before giving up: all of them broken means that the set is. */
const replacements = 100;

/** Opens a thread's share of the work. Skipped samples are told to `onBroken`. */
export async function openRowWorker(plan: WorkPlan, onBroken: (sample: BrokenSample) => void): Promise<RowWorker> {
  const { settings, samples, format, slots, stop } = plan;
  const { source, sample, close } = await openSampler(plan);
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
    close,
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
