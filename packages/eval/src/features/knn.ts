import { type Engine, hostTensor } from "@vitscale/core";
import type { Predictions } from "../predictions.ts";
import { checkFeatures, type Features } from "./features.ts";
import { cosineNeighbours, type Neighbours } from "./nearest.ts";

/** Options of {@link knn}. */
export interface KnnOptions {
  /** Neighbours that vote, one table of predictions for each number. DINO's: 10, 20, 100, 200. */
  readonly neighbours?: readonly number[];
  /** A neighbour's vote weighs exp(similarity / temperature); Infinity: all votes weigh the same. 0.07 by default. */
  readonly temperature?: number;
  readonly engine?: Engine;
}

/**
 * Classification by the most similar training images, by cosine of their features (Caron et al. 2021, `eval_knn.py` of DINO).
 *
 * @returns predictions for each number of neighbours, whose scores [images, classes] are the sums of the votes, the largest weight
 *   being 1; of classes with equal sums the lower number wins
 * @throws RangeError for broken features, naming the row, and for more neighbours than training images
 */
export async function knn(
  train: Features,
  test: Features,
  { neighbours = [10, 20, 100, 200], temperature = 0.07, ...options }: KnnOptions = {},
): Promise<Map<number, Predictions>> {
  checkFeatures(train, "training features");
  checkFeatures(test, "test features");
  if (!(temperature > 0)) throw new RangeError(`temperature ${temperature}; give a number above 0, or Infinity`);
  const most = Math.max(...neighbours);
  const nearest = await cosineNeighbours(test.vectors, train.vectors, most, options);
  return new Map(
    neighbours.map((k) => [
      k,
      {
        scores: hostTensor("float32", [test.labels.length, train.classes], votes(nearest, train, k, temperature)),
        labels: hostTensor("int32", [test.labels.length], test.labels),
      },
    ]),
  );
}

function votes(nearest: Neighbours, { labels, classes }: Features, k: number, temperature: number): Float32Array {
  const images = nearest.rows.length / nearest.k;
  const sums = new Float32Array(images * classes);
  for (let image = 0; image < images; image++) {
    const first = image * nearest.k;
    // Relative to the most similar, so that no temperature overflows.
    const largest = nearest.similarities[first]!;
    for (let i = first; i < first + k; i++) {
      const weight = Math.exp((nearest.similarities[i]! - largest) / temperature);
      sums[image * classes + labels[nearest.rows[i]!]!]! += weight;
    }
  }
  return sums;
}
