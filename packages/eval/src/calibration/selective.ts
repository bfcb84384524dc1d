import { ascendingOrder } from "./order.ts";
import type { Outcomes } from "./outcomes.ts";
import { checkOneEach } from "./row-vectors.ts";

/**
 * What becomes of accuracy when a model answers only where it is confident: at i, the accuracy over the i + 1 most confident predictions,
 * [rows]. Among equal confidences it is the mean over all their orders, so that it does not depend on the order of rows.
 *
 * @param weights how often each row counts, [rows]; the result has as many numbers as they sum to
 * @param ascending the order of the confidences, if it is known
 * @throws RangeError naming the first row whose confidence is NaN, and where confidences and outcomes are not as many
 */
export function selectiveAccuracies(
  { confidence, correct }: Outcomes,
  weights?: Int32Array,
  ascending: Uint32Array = ascendingOrder(confidence),
): Float64Array {
  checkOneEach({ confidences: confidence.length, outcomes: correct.length });
  const answers = weights === undefined ? confidence.length : weights.reduce((sum, weight) => sum + weight, 0);
  const accuracies = new Float64Array(answers);
  let [right, answered] = [0, 0];
  for (let start = ascending.length - 1; start >= 0; ) {
    const value = confidence[ascending[start]!]!;
    let [next, rightHere, here] = [start, 0, 0];
    for (; next >= 0 && confidence[ascending[next]!] === value; next--) {
      const row = ascending[next]!;
      const weight = weights === undefined ? 1 : weights[row]!;
      here += weight;
      rightHere += weight * correct[row]!;
    }
    const share = rightHere / here;
    for (let i = 1; i <= here; i++) accuracies[answered + i - 1] = (right + share * i) / (answered + i);
    right += rightHere;
    answered += here;
    start = next;
  }
  return accuracies;
}

/** Area under the response-rate accuracy curve (Hendrycks et al. 2019): the mean of {@link selectiveAccuracies}. */
export function aurra(accuracies: Float64Array): number {
  return accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
}

/** Area under the risk-coverage curve (Geifman & El-Yaniv 2017): 1 - {@link aurra}, lower is better. */
export function aurc(accuracies: Float64Array): number {
  return 1 - aurra(accuracies);
}

/**
 * Excess of {@link aurc} over that of the best order (Geifman et al. 2019), which has all right answers first: what is left to gain by
 * better confidences alone. With r of N right, the best area is Σ_{k>r} (k - r) / k / N, without the approximation of the paper.
 */
export function excessAurc(accuracies: Float64Array): number {
  const { length } = accuracies;
  const right = Math.round((accuracies[length - 1] ?? 0) * length);
  let best = 0;
  for (let k = right + 1; k <= length; k++) best += (k - right) / k;
  return aurc(accuracies) - best / length;
}

/**
 * Accuracy over the most confident share of rows.
 *
 * @param coverage the share that is answered; at least one row is
 * @throws RangeError unless the share is above 0 and at most 1
 */
export function accuracyAtCoverage(accuracies: Float64Array, coverage: number): number {
  if (!(coverage > 0 && coverage <= 1)) {
    throw new RangeError(`accuracy at coverage ${coverage}; give a share above 0, at most 1`);
  }
  return accuracies[Math.max(1, Math.round(coverage * accuracies.length)) - 1] ?? Number.NaN;
}

/** The largest share of rows that can be answered with at least the given accuracy; 0 when none can. */
export function coverageAtAccuracy(accuracies: Float64Array, accuracy: number): number {
  return (accuracies.findLastIndex((value) => value >= accuracy) + 1) / accuracies.length;
}
