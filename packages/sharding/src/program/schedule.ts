import type { Segment, Transfer } from "./cut.ts";
import { type Dependencies, Frontier, type Task } from "./frontier.ts";

/** What a schedule does with tasks whose inputs are there. */
export interface Work {
  /** Only one at a time: an engine uses all cores. */
  compute(segment: Segment): Promise<void>;
  /** As many at a time as there are: they cost little but time. */
  transfer(transfer: Transfer): Promise<void>;
}

/**
 * Runs every task as soon as its inputs are there: transfers at once, segments one at a time, the one that a transfer waits
 * for first. Resolves when all are done; after a failure nothing new starts, and what runs is waited for.
 *
 * @throws the first error of a task
 */
export async function runSchedule(dependencies: Dependencies, work: Work): Promise<void> {
  const frontier = new Frontier(dependencies);
  const running = new Set<Promise<void>>();
  let isComputing = false;
  let failure: { readonly error: unknown } | undefined;

  const start = (task: Task, run: Promise<void>): void => {
    const ended = run
      .then(
        () => (failure ? [] : frontier.finish(task)),
        (error: unknown) => {
          failure ??= { error };
          return [];
        },
      )
      .then((transfers) => {
        running.delete(ended);
        if (task.kind === "segment") isComputing = false;
        proceed(transfers);
      });
    running.add(ended);
  };

  // The engine gets its work first: it computes while this thread hands out what is to be sent.
  const proceed = (transfers: readonly Transfer[]): void => {
    if (failure) return;
    const segment = isComputing ? undefined : frontier.nextSegment();
    if (segment) {
      isComputing = true;
      start(segment, work.compute(segment));
    }
    for (const transfer of transfers) start(transfer, work.transfer(transfer));
  };

  proceed(frontier.begin());
  while (running.size > 0) await Promise.race(running);
  if (failure) throw failure.error;
}
