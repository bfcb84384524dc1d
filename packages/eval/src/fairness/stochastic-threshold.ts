import { random } from "@vitscale/core";
import { type Groups, rowsOfGroups } from "./groups.ts";
import { checkedBounds, type RandomizedThreshold, type ThresholdOptions } from "./randomized-threshold.ts";

/** How {@link fitStochastically} descends. */
export interface StochasticOptions extends ThresholdOptions {
  /** Steps on random batches, for each group; 10,000 by default. */
  readonly steps?: number;
  /** Scores in a batch; 256 by default. */
  readonly batch?: number;
  /** Steps on all scores of a group that follow; 1000 by default. */
  readonly fullSteps?: number;
  readonly seed?: number;
}

/**
 * The multipliers of one group's bounds, descending the dual of the randomized threshold optimizer: a batch of scores at a time, from data
 * that never end.
 */
export class DualDescent {
  /** Of the upper and of the lower bound. */
  #upper = 0;
  #lower = 0;
  #steps = 0;
  #upperSum = 0;
  #lowerSum = 0;

  /**
   * @param low rate that the group must reach, `high` the one that it must not pass. With bounds closer than 0.002 the multipliers are one
   *   number of either sign for the upper bound, as in the reference.
   */
  constructor(
    readonly gamma: number,
    readonly low: number,
    readonly high: number,
  ) {}

  /** Descends along the gradient of some scores of the group. */
  step(scores: ArrayLike<number>, stepSize: number): void {
    let mean = 0;
    const threshold = this.#upper - this.#lower;
    for (let i = 0; i < scores.length; i++) mean += Math.min(Math.max((scores[i]! - threshold) / this.gamma, 0), 1);
    mean /= scores.length;
    if (this.high - this.low > 2e-3) {
      this.#upper = Math.max(0, this.#upper - stepSize * (this.high - mean));
      this.#lower = Math.max(0, this.#lower - stepSize * (mean - this.low));
    } else {
      this.#upper -= stepSize * (this.high - mean);
    }
    this.#steps++;
    this.#upperSum += this.#upper;
    this.#lowerSum += this.#lower;
  }

  /** Goes to the mean of all steps so far, where stochastic steps have settled better than where the last one went. */
  settle(): void {
    if (this.#steps === 0) return;
    this.#upper = this.#upperSum / this.#steps;
    this.#lower = this.#lowerSum / this.#steps;
    [this.#steps, this.#upperSum, this.#lowerSum] = [0, 0, 0];
  }

  /** The threshold that the multipliers make. */
  get threshold(): number {
    return this.#upper - this.#lower;
  }
}

/**
 * The randomized threshold optimizer as the paper runs it: stochastic gradient steps of γ / √(steps · batch), their mean, then steps of γ/2
 * on all scores. It comes to what {@link fitRandomizedThreshold} computes exactly, slowly where few scores lie in the band.
 *
 * @throws RangeError as {@link fitRandomizedThreshold} does
 */
export function fitStochastically(
  scores: ArrayLike<number>,
  groups: Groups,
  { steps = 10_000, batch = 256, fullSteps = 1000, seed = 0, ...options }: StochasticOptions = {},
): RandomizedThreshold {
  const { gamma, low, high } = checkedBounds(scores, groups, options);
  // The reference sums the gradient over the batch; ours is the mean.
  const stepSize = (gamma * batch) / Math.sqrt(steps * batch);
  const drawn = new Float64Array(batch);
  const thresholds = rowsOfGroups(groups).map((rows, group) => {
    const own = Float64Array.from(rows, (row) => scores[row]!);
    const descent = new DualDescent(gamma, low, high);
    for (let step = 0; step < steps; step++) {
      const words = random.threefryBits(...random.threefry2x32([seed, group], [0, step]), batch);
      for (let i = 0; i < batch; i++) drawn[i] = own[Math.floor(((words[i]! >>> 0) / 2 ** 32) * own.length)]!;
      descent.step(drawn, stepSize);
    }
    descent.settle();
    for (let step = 0; step < fullSteps; step++) descent.step(own, gamma / 2);
    return descent.threshold;
  });
  return { gamma, thresholds: Float64Array.from(thresholds) };
}
