import * as tf from "@tensorflow/tfjs-core";
import { checkKey, checkNumber } from "../random/checks.ts";
import { bernoulli } from "../random/index.ts";

/**
 * Sets each element to 0 with probability `rate` and divides the others by 1 - rate (Srivastava et al. 2014), by a key
 * int32 [2] from `random`. The same key drops the same elements: fold in the step, and a name for the layer.
 *
 * @throws TypeError for what is no key or no number, RangeError unless rate lies in [0, 1).
 */
export function dropout(x: tf.Tensor, key: tf.Tensor, rate: number): tf.Tensor {
  checkKey(key);
  checkNumber("a dropout rate", rate);
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(`a dropout rate is at least 0 and less than 1, but ${rate} was given`);
  }
  if (rate === 0) return tf.clone(x);
  return tf.tidy(() => {
    const isKept = bernoulli(key, x.shape, 1 - rate);
    return tf.where(isKept, tf.mul(x, 1 / (1 - rate)), tf.zerosLike(x));
  });
}
