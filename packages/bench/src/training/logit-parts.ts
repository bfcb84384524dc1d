import * as tf from "@tensorflow/tfjs-core";
import type { Engine } from "@vitscale/core";
import { normalizeImages, unitRange } from "@vitscale/train";
import { apply, blockName, type ViTConfig } from "@vitscale/vit";
import {
  type AttentionHealth,
  attentionHealth,
  type HealthProbe,
  healthMetrics,
  type Measures,
  probeOf,
} from "./attention-health.ts";

/**
 * What attention logits are made of in every block of a model without QK norm, first block first:
 *
 *     log|logit| = log‖q‖ + log‖k‖ + log|cos(q, k)| − ½·log(headWidth)
 */
export interface LogitParts extends AttentionHealth {
  /** ‖q‖, ‖k‖ and |cos(q, k)| of the query and the key with the largest |logit|. */
  readonly queryNorm: readonly (number | null)[];
  readonly keyNorm: readonly (number | null)[];
  readonly alignment: readonly (number | null)[];
  /** Means over all queries, all keys, and all pairs of both. */
  readonly meanQueryNorm: readonly (number | null)[];
  readonly meanKeyNorm: readonly (number | null)[];
  readonly meanAlignment: readonly (number | null)[];
}

/** Names in run records. */
const metrics = {
  ...healthMetrics,
  ...{ meanQueryNorm: "attention-query-norm", meanKeyNorm: "attention-key-norm", meanAlignment: "attention-alignment" },
} as const;

/** A probe of what a model's attention logits are made of. @throws RangeError for a model with QK norm, whose logits are made of others. */
export function logitPartsProbe(config: ViTConfig, engine: Engine): HealthProbe<LogitParts> {
  return probeOf<LogitParts>(logitParts(config), metrics, engine);
}

/** {@link LogitParts} as tensors. */
export function logitParts(config: ViTConfig): Measures<keyof LogitParts> {
  if (config.qkNorm !== "none") {
    throw new RangeError(
      `qkNorm is ${config.qkNorm}; logits are products of queries and keys as they are where it is none`,
    );
  }
  const health = attentionHealth(config);
  const blocks = Array.from({ length: config.depth }, (_, index) => `encoder/${blockName(index)}/attention`);
  return (params, images) => {
    const { intermediates } = apply(params, normalizeImages(images, unitRange), config, {
      keep: (name) => /^encoder\/.*\/attention\/(query|key|logits)$/.test(name),
    });
    const parts = blocks.map((block) => {
      const [query, key, logits] = ["query", "key", "logits"].map((name) => intermediates[`${block}/${name}`]!);
      return partsOf(query!, key!, logits!);
    });
    const inAll = (name: keyof (typeof parts)[number]) => tf.stack(parts.map((part) => part[name]));
    return {
      ...health(params, images),
      ...{ queryNorm: inAll("queryNorm"), keyNorm: inAll("keyNorm"), alignment: inAll("alignment") },
      ...{ meanQueryNorm: inAll("meanQueryNorm"), meanKeyNorm: inAll("meanKeyNorm") },
      meanAlignment: inAll("meanAlignment"),
    };
  };
}

/** Of queries and keys [batch, heads, tokens, headWidth], and logits [batch, heads, tokens, tokens]. */
function partsOf(query: tf.Tensor, key: tf.Tensor, logits: tf.Tensor) {
  const queryNorms = tf.sqrt(tf.sum(tf.square(query), -1, true)); // [batch, heads, tokens, 1]
  const keyNorms = tf.sqrt(tf.sum(tf.square(key), -1, true));
  const alignments = tf.abs(tf.matMul(tf.div(query, queryNorms), tf.div(key, keyNorms), false, true));
  const sizes = tf.abs(logits);
  const isLargest = tf.cast(tf.equal(sizes, tf.max(sizes)), "float32");
  // One pair, or the mean of several whose logits are the same.
  const ofLargest = (values: tf.Tensor) => tf.div(tf.sum(tf.mul(isLargest, values)), tf.sum(isLargest));
  return {
    queryNorm: ofLargest(queryNorms),
    keyNorm: ofLargest(tf.transpose(keyNorms, [0, 1, 3, 2])),
    alignment: ofLargest(alignments),
    meanQueryNorm: tf.mean(queryNorms),
    meanKeyNorm: tf.mean(keyNorms),
    meanAlignment: tf.mean(alignments),
  };
}
