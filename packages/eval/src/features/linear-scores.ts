import * as tf from "@tensorflow/tfjs-core";
import { type Engine, hostTensor, jit } from "@vitscale/core";
import type { Predictions } from "../predictions.ts";
import { equalBlocks, rowBlock } from "./blocks.ts";
import { checkFeatures, type Features, type Vectors } from "./features.ts";
import { type FeatureStatistics, type LinearClassifier, standardized } from "./standardize.ts";

/** Images whose scores are computed at once. */
const block = 4096;

/** Applies linear classifiers, any number of them of one shape by one compiled program. Dispose of it after use. */
export interface LinearScorer {
  /**
   * Scores [images, classes], through the engine in float32.
   *
   * @throws RangeError when the features have another width than the classifier
   */
  scores(vectors: Vectors, classifier: LinearClassifier): Promise<Vectors>;
  /** Predictions: a table that every other evaluation takes. @throws RangeError also for broken features, naming the row */
  predictions(test: Features, classifier: LinearClassifier): Promise<Predictions>;
  dispose(): Promise<void>;
}

/** A scorer that compiles its program when it is first used. */
export function linearScorer({ engine }: { readonly engine?: Engine } = {}): LinearScorer {
  const product = jit(
    function scores(part: tf.Tensor2D, linear: { kernel: tf.Tensor2D; bias: tf.Tensor1D }) {
      return tf.add(tf.matMul(part, linear.kernel), linear.bias);
    },
    engine === undefined ? {} : { engine },
  );
  return {
    async scores(vectors, { kernel, bias, statistics }) {
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
      const scores = new Float32Array(rows * classes);
      for (const { start, count } of equalBlocks(rows, block)) {
        const part = rowBlock(vectors, start, count);
        const result = await product(statistics ? standardizedBlock(part, statistics) : part, weights);
        scores.set(await result.read(), start * classes);
        result.dispose();
      }
      return hostTensor("float32", [rows, classes], scores);
    },
    async predictions(test, classifier) {
      checkFeatures(test, "test features");
      const scores = await this.scores(test.vectors, classifier);
      return { scores, labels: hostTensor("int32", [test.labels.length], test.labels) };
    },
    dispose: () => product.dispose(),
  };
}

/** Scores of one linear classifier, [images, classes]; see {@link LinearScorer}. */
export async function linearScores(
  vectors: Vectors,
  classifier: LinearClassifier,
  options: { readonly engine?: Engine } = {},
): Promise<Vectors> {
  const scorer = linearScorer(options);
  try {
    return await scorer.scores(vectors, classifier);
  } finally {
    await scorer.dispose();
  }
}

/** Predictions of one linear classifier; see {@link LinearScorer}. */
export async function linearPredictions(
  test: Features,
  classifier: LinearClassifier,
  options: { readonly engine?: Engine } = {},
): Promise<Predictions> {
  const scorer = linearScorer(options);
  try {
    return await scorer.predictions(test, classifier);
  } finally {
    await scorer.dispose();
  }
}

function standardizedBlock(part: Vectors, statistics: FeatureStatistics): Vectors {
  return { ...part, data: Float32Array.from(standardized(part, statistics)) };
}
