import { rootOfRising } from "./normal.ts";
import type { Limits } from "./spread.ts";

/**
 * A share with the interval of its likelihood ratio, which reaches as far out as `z` standard deviations do in a normal distribution: the
 * shares p with cases · KL(share ‖ p) ≤ z²/2. Unlike Wilson's it stays right far out and near 0 and 1, where intervals of many groups at
 * once need it to be.
 *
 * @param cases that the share is of; of weighted or uncertain ones the effective number ({@link effectiveCases}). With none, from 0 to 1
 */
export function shareLimits(value: number, cases: number, z: number): Limits {
  if (cases === 0) return { value, low: 0, high: 1 };
  const wanted = (z * z) / 2 / cases;
  const beyond = (p: number) => divergence(value, p) - wanted;
  const low = value === 0 ? 0 : rootOfRising((p) => -beyond(p), 0, value);
  const high = value === 1 ? 1 : rootOfRising(beyond, value, 1);
  return { value, low, high };
}

/** Kullback-Leibler divergence of coins, in nats. */
function divergence(share: number, p: number): number {
  return surprise(share, p) + surprise(1 - share, 1 - p);
}

function surprise(share: number, p: number): number {
  return share === 0 ? 0 : share * Math.log(share / p);
}

/**
 * How many coins say as much about their share as these numbers from 0 to 1 do about their mean (Korn & Graubard 1998): as many as there are
 * when all are 0 or 1, more when they differ less. Never more than the square, for few alike numbers do not prove that all are.
 *
 * @param sum of the numbers, and of their squares
 */
export function effectiveCases(cases: number, sum: number, squares: number): number {
  if (cases < 2) return cases;
  const mean = sum / cases;
  const coins = mean * (1 - mean);
  const variance = ((squares / cases - mean * mean) * cases) / (cases - 1);
  if (coins <= 0) return cases;
  return Math.min(cases * Math.max(1, coins / Math.max(variance, 0)), cases * cases);
}
