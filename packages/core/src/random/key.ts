import * as tf from "@tensorflow/tfjs-core";
import { bits } from "./bits.ts";
import { checkKey } from "./checks.ts";
import { hash64 } from "./hash.ts";

/*
 * Keys are derived so that the numbers drawn from a key, its folds and its splits never come from the same block.
 *
 *     secret of purpose p   S = bits(key + [p, 0])          one for folds, one for splits
 *     fold by data          bits(S + data)                  data as two words
 *     split i               words 2i and 2i + 1 of bits(S)
 *
 * All sums are modulo 2³². A seed fills at most 21 bits of the first word, so key + [p, 0] is the key of no seed.
 */
const foldPurpose = 0x9e3779b9 | 0;
const splitPurpose = 0x3c6ef372 | 0;

const pair = (first: number, second: number) => tf.tensor1d([first | 0, second | 0], "int32");

const secret = (key: tf.Tensor, purpose: number) => bits(tf.add(key, pair(purpose, 0)), [2]);

/**
 * The key of a seed: int32 [2], the high and the low word of it. (JAX's `PRNGKey` is the same.)
 *
 * @throws RangeError unless the seed is an integer in [0, 2⁵³).
 */
export function key(seed: number): tf.Tensor {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`a seed is an integer from 0 to 2^53 - 1, but ${seed} was given`);
  }
  return pair(Math.floor(seed / 2 ** 32), seed % 2 ** 32);
}

/** What to fold into a key: the name of a stream, a number (integer in [0, 2⁵³)), or an int32 scalar such as a step. */
export type FoldData = string | number | tf.Tensor;

function offset(data: FoldData): tf.Tensor {
  if (typeof data === "string") {
    // The top bit of the first word is set, which no number reaches: a name never meets a number.
    const [high, low] = hash64(data);
    return pair(high | 0x80000000, low);
  }
  if (typeof data === "number") return key(data);
  if (data.dtype !== "int32" || data.size !== 1) {
    throw new TypeError(`a key is folded by an int32 scalar, but ${data.dtype} [${data.shape}] was given`);
  }
  return tf.pad(tf.reshape(data, [1]), [[1, 0]]);
}

/**
 * A key that depends on a key and on data: another stream for each name, layer, step, sample.
 *
 * Give every use of randomness a name (`fold(key, "dropout")`) rather than a number or a position in a split, and no two
 * can meet by accident. The order of folds matters. A fold by a number and by a tensor of that value are the same.
 */
export function fold(key: tf.Tensor, data: FoldData): tf.Tensor {
  checkKey(key);
  return tf.tidy(() => bits(tf.add(secret(key, foldPurpose), offset(data)), [2]));
}

/** Several independent keys from one, such as one for each layer; cheaper than as many folds. */
export function split(key: tf.Tensor, count: number): tf.Tensor[] {
  checkKey(key);
  return tf.tidy(() => {
    if (count === 0) return [];
    return tf.unstack(bits(secret(key, splitPurpose), [count, 2]));
  });
}
