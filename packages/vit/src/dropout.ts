import type * as tf from "@tensorflow/tfjs-core";

/** Zeroes a random share of a residual branch's output while training; the identity otherwise. */
export type Drop = (branch: tf.Tensor) => tf.Tensor;
