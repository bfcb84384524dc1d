import * as tf from "@tensorflow/tfjs-core";
import { nn, random } from "@vitscale/core";
import type { LocalConfig } from "./partition.ts";

/** What training zeroes at random: a residual branch's output, by the branch's name in its block. */
export type Drop = (branch: tf.Tensor, name: string) => tf.Tensor;

/** The noise of one pass over a model. */
export interface Noise {
  /** Dropout on the tokens [batch, tokens, width] that enter the encoder. */
  readonly tokens: (tokens: tf.Tensor) => tf.Tensor;
  /** Dropout and stochastic depth of the block at an index. */
  readonly block: (index: number) => Drop;
}

const silent: Noise = { tokens: (tokens) => tokens, block: () => (branch) => branch };

/**
 * The noise of training under a random key; none where the configuration has none, or outside training.
 *
 * Stochastic depth skips a branch for whole images, at a rate that grows linearly from 0 in the first block to the
 * configured one in the last (Huang et al. 2016). Every draw has a key folded by its own name.
 *
 * @throws RangeError when training needs noise and there is no key.
 */
export function noiseOf(config: LocalConfig, train: boolean, key: tf.Tensor | undefined): Noise {
  const { dropout, stochasticDepth, depth, partition } = config;
  if (!train || (dropout === 0 && stochasticDepth === 0)) return silent;
  if (key === undefined) {
    throw new RangeError(
      `training with dropout ${dropout} and stochastic depth ${stochasticDepth} needs a random key; pass ` +
        "{ train: true, key: random.fold(key, step) }",
    );
  }
  // Ranks drop their own features, but skip the branches of the same images.
  const elements = partition.ranks === 1 ? key : random.fold(key, `features ${partition.position}`);
  const dropElements = (x: tf.Tensor, name: string) =>
    dropout === 0 ? x : nn.dropout(x, random.fold(elements, `${name}/dropout`), dropout);
  return {
    tokens: (tokens) => dropElements(tokens, "tokens"),
    block: (index) => (branch, name) => {
      const path = `block${index}/${name}`;
      const dropped = dropElements(branch, path);
      const rate = depth === 1 ? stochasticDepth : (stochasticDepth * index) / (depth - 1);
      if (rate === 0) return dropped;
      // 0 for the images that skip the branch, 1 / (1 − rate) for the others.
      const images = nn.dropout(tf.ones([branch.shape[0]!, 1, 1]), random.fold(key, `${path}/depth`), rate);
      return tf.mul(dropped, images);
    },
  };
}
