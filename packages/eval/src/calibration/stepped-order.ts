import { checkConfidence } from "./bins.ts";
import { sortCarrying } from "./order.ts";
import type { Outcomes } from "./outcomes.ts";
import { stepOf } from "./places.ts";
import { checkOneEach, type Floats, floatsLike } from "./row-vectors.ts";

/** Predictions are dealt out to this many equal steps of confidence from 0 to 1. */
const steps = 2 ** 11;

/** A place in the order of confidences: how many predictions lie before it, and how many of them are right. */
export interface Cut {
  readonly rows: number;
  readonly rights: number;
}

/**
 * Predictions in ascending order of confidence, sorted only where somebody looks: they are dealt out to equal steps of confidence, and a step
 * is put in order when a place within it is asked for. Few bins look at few places, so that of ten million most are never sorted.
 */
export class SteppedOrder {
  /** [rows] confidences, step after step. */
  readonly #values: Floats;
  /** [rows] 1 where right, else 0; in steps that are in order, the sum from the step's first row to each. */
  readonly #rights: Uint32Array;
  /** [steps + 1] the first row of each step, and how many before it are right. */
  readonly #starts = new Uint32Array(steps + 1);
  readonly #rightsBefore = new Uint32Array(steps + 1);
  readonly #isOrdered = new Uint8Array(steps);

  /** @throws RangeError naming the first row whose confidence is no number from 0 to 1 (within 0.001) */
  constructor({ confidence, correct }: Outcomes) {
    const { length } = confidence;
    checkOneEach({ confidences: length, outcomes: correct.length });
    const [values, rights] = [floatsLike(confidence, length), new Uint32Array(length)];
    const [starts, rightsBefore] = [this.#starts, this.#rightsBefore];
    for (let row = 0; row < length; row++) {
      checkConfidence(confidence[row]!, row);
      const step = stepOf(confidence[row]!, steps);
      starts[step + 1]!++;
      rightsBefore[step + 1]! += correct[row]!;
    }
    for (let step = 1; step <= steps; step++) {
      starts[step]! += starts[step - 1]!;
      rightsBefore[step]! += rightsBefore[step - 1]!;
    }
    const next = starts.slice();
    for (let row = 0; row < length; row++) {
      const place = next[stepOf(confidence[row]!, steps)]!++;
      values[place] = confidence[row]!;
      rights[place] = correct[row]!;
    }
    [this.#values, this.#rights] = [values, rights];
  }

  /** The end of the order. */
  get end(): Cut {
    return { rows: this.#starts[steps]!, rights: this.#rightsBefore[steps]! };
  }

  /** The confidence in a place, from 0 to the number of rows less 1. */
  valueAt(place: number): number {
    let [low, high] = [0, steps - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= place) low = middle;
      else high = middle - 1;
    }
    this.#putInOrder(low);
    return this.#values[place]!;
  }

  /** The cut below all predictions of a confidence, or of more. */
  cutBelow(value: number): Cut {
    const step = stepOf(value, steps);
    this.#putInOrder(step);
    const start = this.#starts[step]!;
    let [low, high] = [start, this.#starts[step + 1]!];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#values[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return { rows: low, rights: this.#rightsBefore[step]! + (low > start ? this.#rights[low - 1]! : 0) };
  }

  /** Sum of the confidences between two cuts. */
  sum(from: Cut, to: Cut): number {
    const values = this.#values;
    let sum = 0;
    for (let place = from.rows; place < to.rows; place++) sum += values[place]!;
    return sum;
  }

  #putInOrder(step: number): void {
    if (this.#isOrdered[step] === 1) return;
    this.#isOrdered[step] = 1;
    const [start, end] = [this.#starts[step]!, this.#starts[step + 1]!];
    const { values, carried } = sortCarrying(this.#values.subarray(start, end), this.#rights.subarray(start, end));
    for (let row = 1; row < carried.length; row++) carried[row]! += carried[row - 1]!;
    this.#values.set(values, start);
    this.#rights.set(carried, start);
  }
}
