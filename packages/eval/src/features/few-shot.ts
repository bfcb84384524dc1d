import type { Engine } from "@vitscale/core";
import { foldName, keyOf, Random } from "@vitscale/data";
import { topKAccuracy } from "../accuracy.ts";
import { type Estimate, meanEstimate } from "../statistics/index.ts";
import { checkFeatures, type Features, selectFeatures } from "./features.ts";
import { linearScorer } from "./linear-scores.ts";
import { ridgeClassifiers } from "./ridge.ts";

/** Options of {@link fewShot}; the defaults are big_vision's and those of the ViT-22B paper. */
export interface FewShotOptions {
  /** Training images of each class. */
  readonly shots?: readonly number[];
  /** Penalties; each is reported. */
  readonly l2?: readonly number[];
  /** One choice of training images for each. */
  readonly seeds?: readonly number[];
  readonly engine?: Engine;
}

/** Accuracy for one number of shots and one penalty. */
export interface FewShotResult {
  readonly shots: number;
  readonly l2: number;
  /** Top-1 accuracy for each seed. */
  readonly accuracies: readonly number[];
  /** Their mean, with Student's interval over seeds. */
  readonly accuracy: Estimate;
}

/**
 * Few-shot accuracy of frozen features: {@link ridgeClassifiers} on some images of each class, for several choices of them.
 *
 * Zhai et al., "Scaling vision transformers", 2022, appendix D; `evaluators/fewshot_lsr.py` of big_vision. The images of a seed are
 * drawn by our own generator, so single seeds differ from NumPy's.
 */
export async function fewShot(
  train: Features,
  test: Features,
  { shots = [1, 5, 10, 25], l2 = [1024], seeds = [0, 1, 2], ...options }: FewShotOptions = {},
): Promise<FewShotResult[]> {
  checkFeatures(train, "training features");
  const results: FewShotResult[] = [];
  const scorer = linearScorer(options);
  try {
    for (const count of shots) {
      const accuracies = l2.map((): number[] => []);
      for (const seed of seeds) {
        const classifiers = ridgeClassifiers(selectFeatures(train, fewShotRows(train, count, seed)), l2);
        for (const [penalty, classifier] of classifiers.entries()) {
          accuracies[penalty]!.push(topKAccuracy(await scorer.predictions(test, classifier)).value);
        }
      }
      for (const [i, penalty] of l2.entries()) {
        results.push({
          shots: count,
          l2: penalty,
          accuracies: accuracies[i]!,
          accuracy: meanEstimate(accuracies[i]!, [0, 1]),
        });
      }
    }
    return results;
  } finally {
    await scorer.dispose();
  }
}

/** The rows of `shots` random images of each class; a class that has fewer gives all it has. */
export function fewShotRows(
  { labels, classes }: Pick<Features, "labels" | "classes">,
  shots: number,
  seed: number,
): Int32Array {
  if (!Number.isInteger(shots) || shots < 1) throw new RangeError(`${shots} shots; give an integer, 1 or more`);
  const order = new Random(foldName(keyOf(seed), "few-shot")).permutation(labels.length);
  const taken = new Int32Array(classes);
  return Int32Array.from(order.filter((row) => taken[labels[row]!]!++ < shots));
}
