import * as tf from "@tensorflow/tfjs-core";
import { type Engine, hostTensor, jit } from "@vitscale/core";
import type { Predictions } from "../predictions.ts";
import { equalBlocks, rowBlock } from "./blocks.ts";
import { checkFeatures, type Features, type Vectors } from "./features.ts";
import { type FeatureStatistics, type LinearClassifier, standardized } from "./standardize.ts";

/** Images whose scores are computed at once. */
const block = 4096;

/**
 * Scores of a linear classifier, [images, classes], through the engine in float32.
 *
 * @throws RangeError when the features have another width than the classifier
 */
export async function linearScores(
  vectors: Vectors,
  { kernel, bias, statistics }: LinearClassifier,
  { engine }: { readonly engine?: Engine } = {},
): Promise<Vectors> {
  const [rows = 0, width = 0] = vectors.shape;
  const classes = bias.length;
  if (kernel.length !== width * classes) {
    throw new RangeError(
      `features of width ${width} for a classifier of width ${kernel.length / classes}; take both from one model`,
    );
  }
  const weights = {
    kernel: hostTensor("float32", [width, classes], Float32Array.from(kernel)),
    bias: hostTensor("float32", [classes], Float32Array.from(bias)),
  };
  const product = jit(
    function scores(part: tf.Tensor2D, linear: { kernel: tf.Tensor2D; bias: tf.Tensor1D }) {
      return tf.add(tf.matMul(part, linear.kernel), linear.bias);
    },
    engine === undefined ? {} : { engine },
  );
  const scores = new Float32Array(rows * classes);
  for (const { start, count } of equalBlocks(rows, block)) {
    const part = rowBlock(vectors, start, count);
    const result = await product(statistics ? standardizedBlock(part, statistics) : part, weights);
    scores.set(await result.read(), start * classes);
    result.dispose();
  }
  await product.dispose();
  return hostTensor("float32", [rows, classes], scores);
}

function standardizedBlock(part: Vectors, statistics: FeatureStatistics): Vectors {
  return { ...part, data: Float32Array.from(standardized(part, statistics)) };
}

/** Predictions of a linear classifier: a table that every other evaluation takes. */
export async function linearPredictions(
  test: Features,
  classifier: LinearClassifier,
  options: { readonly engine?: Engine } = {},
): Promise<Predictions> {
  checkFeatures(test, "test features");
  const scores = await linearScores(test.vectors, classifier, options);
  return { scores, labels: hostTensor("int32", [test.labels.length], test.labels) };
}
