import { sharedLabels } from "../files/shared.ts";
import { assembleBatch, type Batch } from "./batch.ts";
import type { Job, WorkPlan } from "./plan.ts";
import type { Pixels, Producer } from "./producer.ts";
import type { Schedule } from "./schedule.ts";

/** How long the consumer has waited for batches, in milliseconds. */
export interface Waiting {
  readonly batches: number;
  readonly totalMs: number;
  /** The first batch: nothing was ready yet. */
  readonly firstMs: number;
  /** The longest wait after the first. */
  readonly longestMs: number;
}

/** The rows of every batch that are produced here. */
export interface RowRange {
  readonly first: number;
  readonly count: number;
}

/** Batches one after another, of which some are under way before they are asked for. */
export interface BatchStream {
  readonly waiting: Waiting;
  readonly next: () => Promise<Batch | undefined>;
  readonly close: () => Promise<void>;
}

interface UnderWay {
  readonly job: Job;
  readonly pixels: Promise<Pixels>;
}

/** Keeps `ahead` batches under way from a step on; with 0, each is begun when it is asked for. */
export function prefetchBatches(
  plan: WorkPlan,
  schedule: Schedule,
  rows: RowRange,
  firstStep: number,
  producer: Producer,
  ahead: number,
): BatchStream {
  const underWay: UnderWay[] = [];
  const freeSlots = [...plan.slots.keys()];
  const waiting = { batches: 0, totalMs: 0, firstMs: 0, longestMs: 0 };
  let nextStep = firstStep;
  let closed: Promise<void> | undefined;

  const begin = (): UnderWay => {
    const step = nextStep++;
    const slot = freeSlots.pop();
    if (slot === undefined) throw new Error("internal: more batches under way than slots");
    const { indices, epochs } = schedule.rows(step);
    const job: Job = {
      step,
      slot,
      indices: sharedLabels(indices.subarray(rows.first, rows.first + rows.count)),
      epochs: epochs.slice(rows.first, rows.first + rows.count),
      progress: sharedLabels([0, 0]),
    };
    const pixels = producer.produce(job).finally(() => freeSlots.push(slot));
    // A failure is met by whoever asks for the batch; until then it is not unhandled.
    pixels.catch(() => {});
    return { job, pixels };
  };
  const fill = () => {
    while (underWay.length < ahead && nextStep < schedule.steps) underWay.push(begin());
  };
  const close = () => {
    Atomics.store(plan.stop, 0, 1);
    closed ??= producer.close();
    return closed;
  };

  const advance = async (): Promise<Batch | undefined> => {
    if (closed !== undefined) return undefined;
    const asked = performance.now();
    const { job, pixels } = underWay.shift() ?? (nextStep < schedule.steps ? begin() : {});
    if (job === undefined || pixels === undefined) {
      await close();
      return undefined;
    }
    let data: Pixels;
    producer.hold(true);
    try {
      data = await pixels;
    } catch (error) {
      // Closing is no failure: it ends the stream for whoever waits.
      if (closed !== undefined) return undefined;
      await close();
      throw error;
    } finally {
      producer.hold(false);
    }
    fill();
    const waitMs = performance.now() - asked;
    waiting.batches += 1;
    waiting.totalMs += waitMs;
    if (waiting.batches === 1) waiting.firstMs = waitMs;
    else waiting.longestMs = Math.max(waiting.longestMs, waitMs);
    return { ...assembleBatch(plan, job, data), ...schedule.place(job.step), waitMs };
  };

  fill();
  let turn: Promise<unknown> = Promise.resolve();
  return {
    waiting,
    close,
    next() {
      // Whoever asks twice at once is answered in turn.
      const batch = turn.then(advance);
      turn = batch.catch(() => {});
      return batch;
    },
  };
}
