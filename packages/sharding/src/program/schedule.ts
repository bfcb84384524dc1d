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
        () => advance(frontier.finish(task)),
        (error: unknown) => {
          failure ??= { error };
        },
      )
      .then(() => {
        running.delete(ended);
        if (task.kind === "segment") isComputing = false;
        computeNext();
      });
    running.add(ended);
  };

  const advance = (transfers: readonly Transfer[]): void => {
    if (failure) return;
    for (const transfer of transfers) start(transfer, work.transfer(transfer));
  };

  const computeNext = (): void => {
    if (isComputing || failure) return;
    const segment = frontier.nextSegment();
    if (!segment) return;
    isComputing = true;
    start(segment, work.compute(segment));
  };

  advance(frontier.begin());
  computeNext();
  while (running.size > 0) await Promise.race(running);
  if (failure) throw failure.error;
}
