/** What a run watches, and what it does when training goes wrong. */
export interface StabilityConfig {
  /** Steps between those that are watched inside (attention, activations, gradients, updates); null, the default, watches none. */
  readonly observeEverySteps?: number | null;
  /** A loss, as the mean of a row, of this many times the median of the rows before counts as gone wrong; null, the default, does not. */
  readonly spikeFactor?: number | null;
  /**
   * `"stop"`, the default, ends the run. `"rollback"` goes on from the last good checkpoint with the data after those at which it went
   * wrong (Chowdhery et al. 2022, §5.1).
   */
  readonly onDivergence?: "stop" | "rollback";
  /** How often a run rolls back before it stops after all; 3 by default. */
  readonly rollbacks?: number;
}

/** What a run remembers of how stable it was, so that it does the same when it is resumed. Checkpoints hold it as JSON. */
export interface StabilityMemory {
  /** Losses of the newest rows, oldest first: the next is compared with them. */
  readonly losses: readonly number[];
  /** Times that the run has rolled back. */
  readonly rollbacks: number;
  /** Step that a roll-back goes back to: of the newest checkpoint that was due, and not written because the run was stopped. */
  readonly lastDue: number;
}

/** Training has gone wrong: a metric is no finite number, or the loss has jumped. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";

  constructor(
    /** What was seen: the metric and its value. */
    readonly symptom: string,
    /** The last step that is known to be good; for a row, the last before it. */
    readonly after: number,
    /** The step at which it was seen. */
    readonly step: number,
    { finding, ...known }: Diagnosis = {},
  ) {
    const found = finding === undefined ? "" : `; ${finding}`;
    super(
      `${symptom} ${stepRange(after, step)}${found}; ${remediesFor(known)}, then go on from the last checkpoint by --resume`,
    );
  }
}

function remediesFor({ isOfData = false, hasQkNorm = false }: Omit<Diagnosis, "finding">): string {
  if (isOfData) return "look at the data, and at data.preprocess and pixels, for what makes such numbers";
  return hasQkNorm
    ? "lower learningRate, or lengthen schedule.warmupSteps"
    : "lower learningRate, lengthen schedule.warmupSteps, or set model.qkNorm";
}

/** What is known of training that has gone wrong, beside what was seen. */
export interface Diagnosis {
  /** What went wrong first. */
  readonly finding?: string | undefined;
  /** Whether that is what the model was given, so that there is no use in training otherwise. */
  readonly isOfData?: boolean;
  /** Whether the model normalises queries and keys, so that there is no use in advising it. */
  readonly hasQkNorm?: boolean;
}

/** The steps after one up to another, in words. */
export function stepRange(after: number, step: number): string {
  return after + 1 === step ? `at step ${step}` : `in the steps ${after + 1} to ${step}`;
}

/** Rows whose losses a new one is compared with, and how many there must be. */
const [longest, fewest] = [20, 5];

/** Looks at metrics for signs that training has gone wrong. */
export interface DivergenceWatch {
  /** Losses of the newest rows, oldest first. */
  readonly losses: readonly number[];
  /**
   * @param metrics of the steps after `after` up to `step`: a value each, or one of every step
   * @throws DivergenceError naming the first metric that is no finite number.
   */
  check(metrics: Readonly<Record<string, number | readonly number[]>>, after: number, step: number): void;
  /**
   * Looks whether the loss of a row has jumped, and remembers it.
   *
   * @param metrics means over the steps after `after` up to `step`, which {@link check} has passed
   * @throws DivergenceError saying how far.
   */
  row(metrics: Readonly<Record<string, number>>, after: number, step: number): void;
}

/** A watch that has seen rows of these losses. */
export function watchDivergence(
  { spikeFactor = null }: Pick<StabilityConfig, "spikeFactor"> = {},
  seen: readonly number[] = [],
): DivergenceWatch {
  let losses = seen;

  return {
    get losses() {
      return losses;
    },
    check(metrics, after, step) {
      for (const [name, values] of Object.entries(metrics)) {
        const wrong = [values].flat().find((value) => !Number.isFinite(value));
        if (wrong !== undefined) throw new DivergenceError(`${name} became ${wrong}`, after, step);
      }
    },
    row(metrics, after, step) {
      const loss = metrics["train/loss"];
      if (loss === undefined) return;
      if (spikeFactor !== null && losses.length >= fewest && loss > spikeFactor * median(losses)) {
        throw new DivergenceError(
          `train/loss jumped to ${loss.toPrecision(4)} from ${median(losses).toPrecision(4)}`,
          after,
          step,
        );
      }
      losses = [...losses, loss].slice(-longest);
    },
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
