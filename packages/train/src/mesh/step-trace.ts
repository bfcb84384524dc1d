import { type Communicator, gatherValues, type TaskEvent, type TaskObserver, Timeline } from "@vitscale/sharding";
import { requireWritable, writing } from "../file-errors.ts";

/** Shows what ranks compute and send in some steps of a run. */
export interface StepTrace {
  /** Takes a step of the run's program, and looks on where it is one to be shown. */
  step<Result>(number: number, take: () => Promise<Result>): Promise<Result>;
  /**
   * Writes the file once all steps have been seen, or the run is over; all ranks call it after the same steps.
   *
   * @returns what was written, in words, if it was now
   */
  save(isOver?: boolean): Promise<string | undefined>;
}

/** Looks at nothing. */
export const noTrace: StepTrace = { step: (_, take) => take(), save: async () => undefined };

/** Steps that are shown. Events of a step are as many as its segments and transfers, so this bounds what is kept. */
const stepsShown = 3;

/** A {@link StepTrace}, and what has to be told of every task. */
export interface MeshTrace extends StepTrace {
  readonly observe: TaskObserver;
}

/**
 * Writes a Chrome trace of the first steps after that in which the program is compiled: one file, which the first rank writes, with every
 * rank as a process of it, computation on top and transfers below. It begins at 0, by the clocks of the ranks' machines.
 *
 * @throws Error on the first rank when the file cannot be written.
 */
export function meshTrace(communicator: Communicator, path: string): MeshTrace {
  const isFirst = communicator.rank === 0;
  if (isFirst) requireWritable(path, "--trace");
  const events: TaskEvent[] = [];
  const shown: number[] = [];
  let [calls, isLooking, isWritten] = [0, false, false];
  return {
    observe(event) {
      if (!isLooking) return;
      // Each thread and process counts from a moment of its own.
      const { timeOrigin } = performance;
      events.push({ ...event, start: timeOrigin + event.start, end: timeOrigin + event.end });
    },
    async step(number, take) {
      calls += 1;
      isLooking = calls > 1 && shown.length < stepsShown;
      if (isLooking) shown.push(number);
      try {
        return await take();
      } finally {
        isLooking = false;
      }
    },
    async save(isOver = false) {
      if (isWritten || !(isOver || shown.length === stepsShown)) return undefined;
      isWritten = true;
      if (shown.length === 0) {
        return "no trace: after the step that compiles there was none to show, or each was one that diagnostics look at; take more steps, or a larger stability.observeEverySteps";
      }
      const all = (await gatherValues(communicator, "events of a trace", events.splice(0))).flat();
      if (isFirst) writing(path, () => timelineOf(all).save(path), "--trace");
      return `trace of the steps ${shown[0]} to ${shown.at(-1)} on ${communicator.transport.size} ranks: ${path}`;
    },
  };
}

/** Events as a timeline that begins at 0. */
function timelineOf(events: readonly TaskEvent[]): Timeline {
  const begin = events.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY);
  const timeline = new Timeline();
  for (const event of events) timeline.observe({ ...event, start: event.start - begin, end: event.end - begin });
  return timeline;
}
