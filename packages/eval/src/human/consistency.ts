import { percentileInterval, type ResampleOptions } from "../statistics/bootstrap.ts";
import { drawnShares } from "../statistics/drawn-shares.ts";
import type { Estimate } from "../statistics/estimate.ts";

/** How far two observers agree on the same trials. */
export interface Consistency<Value = number> {
  /** Share of trials in which both are right or both wrong. */
  readonly observed: Value;
  /** The share that two independent observers of their accuracies would have. */
  readonly expected: Value;
  /** Cohen's κ of being right: 1 for the same errors, 0 for independent ones, below 0 for errors that avoid each other. */
  readonly errorConsistency: Value;
  /** Square of the difference of their accuracies. */
  readonly accuracyDifference: Value;
}

/**
 * Consistency from the shares of trials in which each observer is right, and in which both are.
 *
 *     observed  o = 1 − p_a − p_b + 2 p_ab
 *     expected  e = p_a p_b + (1 − p_a)(1 − p_b)
 *     κ = (o − e) / (1 − e), and 1 where o = 1
 *
 * Geirhos, Meding & Wichmann, "Beyond accuracy: quantifying trial-by-trial behaviour of CNNs and humans by measuring error consistency",
 * NeurIPS 2020.
 */
export function consistencyOf(first: number, second: number, both: number): Consistency {
  // What counts of whole trials made equal to 1, sums of fractions miss by a rounding error.
  const observed = Math.min(1, 1 - first - second + 2 * both);
  const expected = first * second + (1 - first) * (1 - second);
  const isSame = observed > 1 - 1e-12;
  return {
    observed,
    expected,
    errorConsistency: isSame ? 1 : (observed - expected) / (1 - expected),
    accuracyDifference: (first - second) ** 2,
  };
}

/**
 * Consistency of two observers on the same trials, with intervals from the four shares of trials (both right, one, the other, neither) that the
 * counts leave open ({@link drawnShares}): also of observers who are hardly ever wrong together, where drawing the trials again misses the truth.
 *
 * @param first [trials] 1 where the observer is right, else 0
 * @param second likewise
 * @throws RangeError when they are not of equal length, or empty.
 */
export function consistency(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  options?: Omit<ResampleOptions, "strata">,
): Consistency<Estimate> {
  const { length } = first;
  if (length !== second.length || length === 0) {
    throw new RangeError(
      `answers to ${length} and ${second.length} trials; give the same trials of both, at least one`,
    );
  }
  const counts = [0, 0, 0, 0];
  for (let trial = 0; trial < length; trial++) counts[(first[trial] ? 2 : 0) + (second[trial] ? 1 : 0)]!++;
  const values = ofKinds(counts.map((count) => count / length));
  const drawn = Array.from(drawnShares(counts, options), ofKinds);
  const estimates = Object.entries(values).map(([name, value]) => {
    const { low, high } = percentileInterval(
      value,
      drawn.map((replicate) => replicate[name as keyof Consistency]),
      length,
    );
    // What is at the end of what can be, such as the same answers throughout, no draw reaches.
    return [name, { value, low: Math.min(low, value), high: Math.max(high, value), count: length }];
  });
  return Object.fromEntries(estimates) as Consistency<Estimate>;
}

/** Consistency from the shares of trials in which neither is right, the second, the first, both. */
function ofKinds([, second, first, both]: ArrayLike<number> & Iterable<number>): Consistency {
  return consistencyOf(first! + both!, second! + both!, both!);
}
