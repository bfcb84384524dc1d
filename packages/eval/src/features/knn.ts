import { type Engine, hostTensor } from "@vitscale/core";
import type { Predictions } from "../predictions.ts";
import { checkFeatures, type Features } from "./features.ts";
import { cosineNeighbours, type Neighbours } from "./nearest.ts";

/** The numbers that DINO reports. */
export const defaultNeighbours: readonly number[] = [10, 20, 100, 200];

/** Options of {@link knn}. */
export interface KnnOptions {
  /** Neighbours that vote, one table of predictions for each number; 10, 20, 100 and 200 by default. */
  readonly neighbours?: readonly number[];
  /** A neighbour's vote weighs exp(similarity / temperature); Infinity: all votes weigh the same. 0.07 by default. */
  readonly temperature?: number;
  readonly engine?: Engine;
}

/**
 * Classification by the most similar training images, by cosine of their features (Caron et al. 2021, `eval_knn.py` of DINO).
 *
 * @returns predictions for each number of neighbours, see {@link voted}
 * @throws RangeError for broken features, naming the row, and for more neighbours than training images
 */
export async function knn(
  train: Features,
  test: Features,
  { neighbours = defaultNeighbours, temperature = 0.07, ...options }: KnnOptions = {},
): Promise<Map<number, Predictions>> {
  checkFeatures(train, "training features");
  checkFeatures(test, "test features");
  checkNeighbours(neighbours);
  const nearest = await cosineNeighbours(test.vectors, train.vectors, Math.max(...neighbours), options);
  return new Map(neighbours.map((k) => [k, voted(nearest, train, test.labels, k, temperature)]));
}

/** The numbers of neighbours, checked. @throws RangeError for one that is no positive integer, and when there are none */
export function checkNeighbours(neighbours: readonly number[]): readonly number[] {
  const wrong = neighbours.find((k) => !Number.isInteger(k) || k < 1);
  if (wrong === undefined && neighbours.length > 0) return neighbours;
  throw new RangeError(`neighbours are [${neighbours.join(", ")}]; give one positive integer or more`);
}

/**
 * Predictions by the vote of the `k` nearest training images, each of which weighs exp(similarity / temperature).
 *
 * The scores [images, classes] are the sums of the votes, where the most similar one has the weight 1; of classes with equal sums the
 * lower number wins.
 *
 * @param test [images] labels
 * @throws RangeError for a temperature that is not above 0
 */
export function voted(
  nearest: Neighbours,
  { labels, classes }: Features,
  test: Int32Array,
  k: number,
  temperature: number,
): Predictions {
  if (!(temperature > 0)) throw new RangeError(`temperature ${temperature}; give a number above 0, or Infinity`);
  const sums = new Float32Array(test.length * classes);
  for (let image = 0; image < test.length; image++) {
    const first = image * nearest.k;
    // Relative to the most similar, so that no temperature overflows.
    const largest = nearest.similarities[first]!;
    for (let i = first; i < first + k; i++) {
      const weight = Math.exp((nearest.similarities[i]! - largest) / temperature);
      sums[image * classes + labels[nearest.rows[i]!]!]! += weight;
    }
  }
  return {
    scores: hostTensor("float32", [test.length, classes], sums),
    labels: hostTensor("int32", [test.length], test),
  };
}
