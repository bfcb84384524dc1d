import type { Node } from "../graph/graph.ts";

/** Something to be done: what it makes, what it needs for that, and when it was done in the recording. */
export interface Task {
  readonly makes: readonly Node[];
  readonly needs: readonly Node[];
  readonly due: number;
}

/** Tasks in dependency order, otherwise in that of the recording. */
export function inOrder<T extends Task>(tasks: readonly T[]): T[] {
  const maker = new Map<Node, T>();
  for (const task of tasks) for (const node of task.makes) maker.set(node, task);
  const done = new Set<T>();
  for (const first of [...tasks].sort((a, b) => a.due - b.due)) {
    const stack = [first];
    for (let task = stack.at(-1); task; task = stack.at(-1)) {
      const waiting = done.has(task)
        ? []
        : task.needs.flatMap((node) => maker.get(node) ?? []).filter((other) => !done.has(other));
      if (waiting.length > 0) stack.push(...waiting);
      else done.add(stack.pop() as T);
    }
  }
  return [...done];
}
