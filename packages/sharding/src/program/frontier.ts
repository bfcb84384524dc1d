import type { graph } from "@vitscale/core";
import type { CutProgram, Segment, Transfer } from "./cut.ts";

export type Task = Segment | Transfer;

/** Who waits for what: the part of a schedule that is the same at every run. */
export interface Dependencies {
  /** Tasks that need a value, by value. */
  readonly readers: ReadonlyMap<graph.Node, readonly Task[]>;
  readonly inputs: readonly graph.Node[];
  readonly segments: readonly Segment[];
  readonly transfers: readonly Transfer[];
}

/** Dependencies of a program's tasks. */
export function dependenciesOf({ inputs, segments, transfers }: CutProgram): Dependencies {
  const readers = new Map<graph.Node, Task[]>();
  for (const task of [...segments, ...transfers]) {
    for (const value of new Set(task.inputs)) {
      const known = readers.get(value);
      if (known) known.push(task);
      else readers.set(value, [task]);
    }
  }
  return { readers, inputs, segments, transfers };
}

/** The tasks that can start while a program runs: transfers are handed out at once, segments in the order of their urgency. */
export class Frontier {
  readonly #readers: Dependencies["readers"];
  /** Inputs that each task still lacks. */
  readonly #missing: Map<Task, number>;
  readonly #urgency: ReadonlyMap<Segment, number>;
  readonly #ready: Segment[] = [];

  constructor(readonly dependencies: Dependencies) {
    const { readers, segments, transfers } = dependencies;
    this.#readers = readers;
    this.#missing = new Map([...segments, ...transfers].map((task) => [task, new Set(task.inputs).size]));
    this.#urgency = new Map(segments.map((segment, i) => [segment, i]));
  }

  /** The transfers that can start when the program does. */
  begin(): Transfer[] {
    const idle = [...this.#missing].flatMap(([task, count]) => (count === 0 ? [task] : []));
    return [...this.#enable(idle), ...this.#arrive(this.dependencies.inputs)];
  }

  /** The transfers that can start now that a task is done. */
  finish(task: Task): Transfer[] {
    return this.#arrive(task.outputs);
  }

  /** The most urgent segment that can start, which is then no longer there. */
  nextSegment(): Segment | undefined {
    return this.#ready.shift();
  }

  #arrive(values: readonly graph.Node[]): Transfer[] {
    const enabled = values.flatMap((value) =>
      (this.#readers.get(value) ?? []).filter((task) => {
        const left = (this.#missing.get(task) as number) - 1;
        this.#missing.set(task, left);
        return left === 0;
      }),
    );
    return this.#enable(enabled);
  }

  #enable(tasks: readonly Task[]): Transfer[] {
    const urgencyOf = (segment: Segment) => this.#urgency.get(segment) as number;
    return tasks.flatMap((task) => {
      if (task.kind === "transfer") return [task];
      const after = this.#ready.findIndex((other) => urgencyOf(other) > urgencyOf(task));
      this.#ready.splice(after < 0 ? this.#ready.length : after, 0, task);
      return [];
    });
  }
}
