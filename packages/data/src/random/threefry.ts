/** Two 32-bit words: the key of a stream of random numbers. */
export type Key = readonly [number, number];

const parity = 0x1bd11bda;
const evenRotations = [13, 15, 26, 6] as const;
const oddRotations = [17, 29, 16, 24] as const;

/**
 * Threefry-2x32 with 20 rounds: a block of two 32-bit words for a key and a counter of two words each.
 *
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. The same function as JAX's.
 * Being a pure function of (key, counter), it gives any thread the numbers of any sample without a shared state.
 * @vitscale/core has the same function for tensors; to share it, every worker would have to load TensorFlow.js.
 */
export function threefry([key0, key1]: Key, counter0: number, counter1: number): Key {
  const key2 = key0 ^ key1 ^ parity;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let group = 0; group < 5; group++) {
    const [a, b, c, d] = group % 2 === 0 ? evenRotations : oddRotations;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << a) | (x1 >>> (32 - a))) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << b) | (x1 >>> (32 - b))) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << c) | (x1 >>> (32 - c))) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << d) | (x1 >>> (32 - d))) ^ x0;
    // After each group of four rounds the key words enter again, in rotation, with the number of the group.
    const phase = (group + 1) % 3;
    x0 = (x0 + (phase === 0 ? key0 : phase === 1 ? key1 : key2)) | 0;
    x1 = (x1 + (phase === 0 ? key1 : phase === 1 ? key2 : key0) + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

/**
 * The key of a seed.
 *
 * @throws RangeError unless the seed is an integer in [0, 2^53).
 */
export function keyOf(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`seed ${seed} is not an integer from 0 to 2^53 - 1; use one, for example 0`);
  }
  return [Math.floor(seed / 2 ** 32), seed >>> 0];
}

/**
 * A key for one of many: an epoch, a sample, a step of the preprocessing.
 *
 * Distinct data give distinct, unrelated keys; the order of folding matters.
 */
export function fold(key: Key, data: number): Key {
  return threefry(key, 0, data >>> 0);
}

/**
 * A key for a purpose ("order", "augment", "mix").
 *
 * Streams are named so that no two purposes can share a key by accident. The name is hashed by FNV-1a, and folded with
 * the first counter word set, where {@link fold} leaves it zero: a name cannot collide with a number.
 */
export function foldName(key: Key, name: string): Key {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return threefry(key, 1, hash >>> 0);
}
