import { sharedBuffers, sharedInt32 } from "../files/shared.ts";
import type { Image } from "../image.ts";

/** Memory of decoded images that all threads share: plain, so that it can be sent to workers. */
export interface ImageCache {
  /** Blocks given away so far, then state, first block, height, width, channels of each sample. */
  readonly index: Int32Array;
  readonly bytes: Uint8Array;
}

const blockBytes = 16;
const fields = 5;
const [empty, writing, ready] = [0, 1, 2];

/**
 * A cache for images of bytes, of at most `maxBytes`.
 *
 * What is stored stays: in a random order over the whole set no other choice hits more often. When it is full, further
 * images are simply decoded again.
 */
export function createImageCache(samples: number, maxBytes: number): ImageCache {
  const size = Math.floor(maxBytes / blockBytes) * blockBytes;
  const [memory] = sharedBuffers(1, size, "the cache of images", "make cacheBytes smaller");
  return { index: sharedInt32(1 + fields * samples), bytes: new Uint8Array(memory!) };
}

/** A stored image, a view of shared memory that must not be written to; undefined if there is none. */
export function cachedImage({ index, bytes }: ImageCache, sample: number): Image | undefined {
  const at = 1 + fields * sample;
  if (Atomics.load(index, at) !== ready) return undefined;
  const [height, width, channels] = [index[at + 2]!, index[at + 3]!, index[at + 4]!];
  const start = index[at + 1]! * blockBytes;
  return { height, width, channels, data: bytes.subarray(start, start + height * width * channels) };
}

/** Stores an image unless it is stored already, is not of bytes, or the cache is full. */
export function cacheImage({ index, bytes }: ImageCache, sample: number, image: Image): void {
  const at = 1 + fields * sample;
  if (!(image.data instanceof Uint8Array) || Atomics.compareExchange(index, at, empty!, writing!) !== empty) return;
  const first = takeBlocks(index, Math.ceil(image.data.length / blockBytes), bytes.length / blockBytes);
  // A full cache leaves the sample marked as being written: nobody tries again.
  if (first === undefined) return;
  bytes.set(image.data, first * blockBytes);
  index.set([first, image.height, image.width, image.channels], at + 1);
  Atomics.store(index, at, ready!);
}

/** The first of so many free blocks; undefined when there are not enough. */
function takeBlocks(index: Int32Array, count: number, capacity: number): number | undefined {
  for (;;) {
    const first = Atomics.load(index, 0);
    if (first + count > capacity) return undefined;
    if (Atomics.compareExchange(index, 0, first, first + count) === first) return first;
  }
}
