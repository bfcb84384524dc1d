import { ascendingOrder } from "./order.ts";
import type { Outcomes } from "./outcomes.ts";

/**
 * What becomes of accuracy when a model answers only where it is confident: at i, the accuracy over the i + 1 most confident predictions,
 * [rows]. Among equal confidences it is the mean over all their orders, so that it does not depend on the order of rows.
 */
export function selectiveAccuracies({ confidence, correct }: Outcomes): Float64Array {
  const order = ascendingOrder(confidence).reverse();
  const accuracies = new Float64Array(order.length);
  let right = 0;
  for (let start = 0; start < order.length; ) {
    let [end, rightHere] = [start, 0];
    for (; end < order.length && confidence[order[end]!] === confidence[order[start]!]; end++) {
      rightHere += correct[order[end]!]!;
    }
    const share = rightHere / (end - start);
    for (let i = start; i < end; i++) accuracies[i] = (right + share * (i + 1 - start)) / (i + 1);
    right += rightHere;
    start = end;
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
