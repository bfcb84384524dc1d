import { requireFields, requireInteger, shown } from "../checks.ts";
import { permutation } from "../random/random.ts";
import { fold, foldName, keyOf } from "../random/threefry.ts";

/** What decides which sample stands where. */
export interface ScheduleOptions {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly last: "drop" | "wrap" | "pad";
  readonly epochs: number;
  readonly seed: number;
}

/** The samples of one batch: a number and an epoch for each row; -1 for padding. */
export interface Rows {
  readonly indices: Int32Array;
  readonly epochs: Int32Array;
}

/** Where in a run a batch lies, both from 0. */
export interface Place {
  readonly epoch: number;
  readonly batch: number;
}

/** Where to begin: a step of the run, or a batch of an epoch. */
export type Start = { readonly step: number } | Place;

/** @throws TypeError or RangeError for what is neither a step nor a place; whether there is such a one, a schedule says. */
export function requireStart(start: Start): void {
  requireFields(start, "start", ["step", "epoch", "batch"]);
  const given = Object.keys(start).sort().join();
  if (given !== "step" && given !== "batch,epoch") {
    throw new TypeError(`start is ${shown(start)}; give { step }, or { epoch, batch }`);
  }
  for (const [name, value] of Object.entries(start)) requireInteger(`start.${name}`, value, 0);
}

/**
 * Which sample stands in which row of which batch: a pure function of the seed, so that a run continues at any batch by
 * asking for it.
 */
export class Schedule {
  /** Batches of the whole run; `Infinity` where epochs do not end. */
  readonly steps: number;
  /** Batches of an epoch; not a whole number where batches wrap. */
  readonly stepsPerEpoch: number;
  readonly #orders = new Map<number, Uint32Array>();

  constructor(
    readonly samples: Uint32Array,
    readonly options: ScheduleOptions,
  ) {
    const { batchSize, last, epochs } = options;
    const perEpoch = samples.length / batchSize;
    this.stepsPerEpoch = { drop: Math.floor(perEpoch), pad: Math.ceil(perEpoch), wrap: perEpoch }[last];
    if (this.stepsPerEpoch === 0) {
      throw new RangeError(
        `a batch of ${batchSize} is more than the ${samples.length} samples, and what does not fill a batch is dropped; ` +
          `make the batch smaller, or set last to ${samples.length * epochs < batchSize ? '"pad"' : '"wrap"'}`,
      );
    }
    this.steps = last === "wrap" ? Math.floor((samples.length * epochs) / batchSize) : this.stepsPerEpoch * epochs;
    if (this.steps === 0) {
      throw new RangeError(
        `a batch of ${batchSize} is more than the ${samples.length * epochs} samples of the run; ` +
          "make the batch smaller, or ask for more epochs",
      );
    }
  }

  /** Samples of the batch at a step. */
  rows(step: number): Rows {
    const { batchSize, last } = this.options;
    const { length } = this.samples;
    const indices = new Int32Array(batchSize);
    const epochs = new Int32Array(batchSize);
    const { epoch, batch } = this.place(step);
    for (let row = 0; row < batchSize; row++) {
      // Under wrap the stream of samples ignores the borders of epochs; otherwise each epoch begins a batch.
      const position = last === "wrap" ? step * batchSize + row : batch * batchSize + row;
      const rowEpoch = last === "wrap" ? Math.floor(position / length) : epoch;
      epochs[row] = rowEpoch;
      indices[row] = last !== "wrap" && position >= length ? -1 : this.#order(rowEpoch)[position % length]!;
    }
    return { indices, epochs };
  }

  /** Epoch of the first row of a step, and the number of the batch in it. */
  place(step: number): Place {
    const { batchSize, last } = this.options;
    // Products before quotients: a fraction of batches would not be exact.
    const epoch = Math.floor(last === "wrap" ? (step * batchSize) / this.samples.length : step / this.stepsPerEpoch);
    return { epoch, batch: step - this.#firstStep(epoch) };
  }

  /**
   * The step to begin with; also the one after the last, to which a run comes that is over.
   *
   * @throws RangeError when the run ends before it.
   */
  startAt(start: Start): number {
    if (!("step" in start)) return this.stepAt(start);
    if (start.step <= this.steps) return start.step;
    throw new RangeError(
      `start.step is ${start.step}, but the run has ${this.steps} batches, from 0 to ${this.steps - 1}; begin at one of them`,
    );
  }

  /**
   * The step of a batch in an epoch.
   *
   * @throws RangeError when there is no such batch.
   */
  stepAt({ epoch, batch }: Place): number {
    const step = this.#firstStep(epoch) + batch;
    const found = Number.isInteger(step) && step >= 0 ? this.place(step) : undefined;
    if (found?.epoch !== epoch || found.batch !== batch || step > this.steps) {
      throw new RangeError(
        `there is no batch ${batch} in epoch ${epoch}: an epoch has ${this.stepsPerEpoch} batches, the run ${this.steps} in all`,
      );
    }
    return step;
  }

  /** The step of the first batch that begins in an epoch. */
  #firstStep(epoch: number): number {
    const { batchSize, last } = this.options;
    return last === "wrap" ? Math.ceil((epoch * this.samples.length) / batchSize) : epoch * this.stepsPerEpoch;
  }

  /** Samples in the order of an epoch. The last two are kept: batches may reach from one into the next. */
  #order(epoch: number): Uint32Array {
    if (!this.options.shuffle) return this.samples;
    const known = this.#orders.get(epoch);
    if (known !== undefined) return known;
    const key = fold(foldName(keyOf(this.options.seed), "order"), epoch);
    const order = permutation(this.samples.length, key).map((i) => this.samples[i]!);
    for (const old of this.#orders.keys()) if (old < epoch - 1 || old > epoch) this.#orders.delete(old);
    this.#orders.set(epoch, order);
    return order;
  }
}
