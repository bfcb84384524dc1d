import type { graph } from "@vitscale/core";
import type { CutProgram, Segment } from "./cut.ts";
import { dependenciesOf, type Task } from "./frontier.ts";

type Pairs = readonly (readonly [input: number, output: number])[];

/**
 * The donations of a whole program that a segment may carry out, as positions of its own inputs and outputs: it computes the
 * output, and whatever else reads the input must be over before the segment can start.
 */
export function donationsOf(program: CutProgram, donations: Pairs): ReadonlyMap<Segment, Pairs> {
  const { readers } = dependenciesOf(program);
  const makers = new Map<graph.Node, Task>();
  for (const task of [...program.segments, ...program.transfers])
    for (const value of task.outputs) makers.set(value, task);

  const carried = new Map<Segment, (readonly [number, number])[]>();
  for (const [inputIndex, outputIndex] of donations) {
    const [input, output] = [program.inputs[inputIndex], program.outputs[outputIndex]];
    const maker = output && makers.get(output);
    if (!input || !output || maker?.kind !== "segment") continue;
    const others = (readers.get(input) ?? []).filter((task) => task !== maker);
    const own = [maker.inputs.indexOf(input), maker.outputs.indexOf(output)] as const;
    if (own[0] < 0 || !areBefore(others, maker, makers)) continue;
    carried.set(maker, [...(carried.get(maker) ?? []), own]);
  }
  return carried;
}

/** Whether a task needs, directly or not, what each of the others makes. */
function areBefore(others: readonly Task[], task: Task, makers: ReadonlyMap<graph.Node, Task>): boolean {
  const missing = new Set(others);
  const seen = new Set<Task>([task]);
  const stack: Task[] = [task];
  for (let next = stack.pop(); next && missing.size > 0; next = stack.pop()) {
    for (const value of next.inputs) {
      const maker = makers.get(value);
      if (!maker || seen.has(maker)) continue;
      seen.add(maker);
      missing.delete(maker);
      stack.push(maker);
    }
  }
  return missing.size === 0;
}
