import type { graph } from "@vitscale/core";
import type { CutProgram, Segment, Transfer } from "./cut.ts";

export type Task = Segment | Transfer;

/** What a schedule does with tasks whose inputs are there. */
export interface Work {
  /** Only one at a time: an engine uses all cores. */
  compute(segment: Segment): Promise<void>;
  /** As many at a time as there are: they cost little but time. */
  transfer(transfer: Transfer): Promise<void>;
}

/** Who waits for what; the part of a schedule that is the same at every run. */
export interface Dependencies {
  /** Tasks that need a value, by value. */
  readonly readers: ReadonlyMap<graph.Node, readonly Task[]>;
  readonly segments: readonly Segment[];
  readonly transfers: readonly Transfer[];
}

/** Dependencies of a program's tasks. */
export function dependenciesOf({ segments, transfers }: CutProgram): Dependencies {
  const readers = new Map<graph.Node, Task[]>();
  for (const task of [...segments, ...transfers]) {
    for (const value of new Set(task.inputs)) {
      const known = readers.get(value);
      if (known) known.push(task);
      else readers.set(value, [task]);
    }
  }
  return { readers, segments, transfers };
}

/**
 * Runs every task as soon as its inputs are there: transfers at once, segments one at a time, the one that a transfer waits
 * for first. Resolves when all are done; after a failure nothing new starts, and what runs is waited for.
 *
 * @param given values that are there from the beginning
 * @throws the first error of a task
 */
export async function runSchedule(
  { readers, segments, transfers }: Dependencies,
  given: Iterable<graph.Node>,
  work: Work,
): Promise<void> {
  const urgency = new Map<Task, number>(segments.map((segment, i) => [segment, i]));
  const missing = new Map<Task, number>([...segments, ...transfers].map((task) => [task, new Set(task.inputs).size]));
  const ready: Segment[] = [];
  const running = new Set<Promise<void>>();
  let isComputing = false;
  let failure: { readonly error: unknown } | undefined;

  const start = (task: Task, run: Promise<void>): void => {
    const ended = run
      .then(
        () => {
          for (const value of task.outputs) arrive(value);
        },
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

  const computeNext = (): void => {
    if (isComputing || failure) return;
    const next = ready.shift();
    if (!next) return;
    isComputing = true;
    start(next, work.compute(next));
  };

  const enable = (task: Task): void => {
    if (failure) return;
    if (task.kind === "transfer") {
      start(task, work.transfer(task));
      return;
    }
    const place = urgency.get(task) as number;
    const after = ready.findIndex((other) => (urgency.get(other) as number) > place);
    ready.splice(after < 0 ? ready.length : after, 0, task);
  };

  const arrive = (value: graph.Node): void => {
    for (const task of readers.get(value) ?? []) {
      const left = (missing.get(task) as number) - 1;
      missing.set(task, left);
      if (left === 0) enable(task);
    }
  };

  for (const [task, count] of [...missing]) if (count === 0) enable(task);
  for (const value of given) arrive(value);
  computeNext();
  while (running.size > 0) await Promise.race(running);
  if (failure) throw failure.error;
}
