import { inputsOf, type Step } from "../../fusion/fuse.ts";
import type { Kernel } from "../../fusion/kernel.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { isElementwise } from "../../graph/operations.ts";
import { sameShape } from "../../graph/shapes.ts";
import { mayOverwrite } from "../../native/index.ts";

/**
 * The donations that may be carried out in place: output `o` is written over input `i`; a map from output to input.
 *
 * That is safe when nothing can read the input after the output is written, whatever order the engine chooses: every
 * reader of the input is either the step that makes the output, and reads each element before it writes it, or an
 * ancestor of that step.
 */
export function safeDonations(
  graph: Graph,
  steps: readonly Step[],
  donations: readonly (readonly [input: number, output: number])[],
): Map<number, number> {
  const program = new StepGraph(steps);
  const returned = new Set<Node>(graph.outputs);
  const safe = new Map<number, number>();
  for (const [inputIndex, outputIndex] of donations) {
    const input = graph.inputs[inputIndex] as Node;
    const output = graph.outputs[outputIndex] as Node;
    if (input.dtype !== output.dtype || !sameShape(input.shape, output.shape)) continue;
    if (returned.has(input)) continue;
    const maker = program.makerOf.get(output);
    if (!maker) continue;
    const others = program
      .readersOf(input)
      .filter((reader) => reader !== maker || !writesInPlace(maker, input, output));
    if (program.areAncestors(others, maker)) safe.set(outputIndex, inputIndex);
  }
  return safe;
}

class StepGraph {
  readonly makerOf = new Map<Node, Step>();
  readonly #readers = new Map<Node, Step[]>();
  readonly #order = new Map<Step, number>();

  constructor(steps: readonly Step[]) {
    for (const [position, step] of steps.entries()) {
      this.#order.set(step, position);
      const made = step.kind === "operation" ? [step.node] : step.kernel.outputs.map(({ node }) => node);
      for (const node of made) this.makerOf.set(node, step);
      for (const node of new Set(inputsOf(step))) {
        const readers = this.#readers.get(node);
        if (readers) readers.push(step);
        else this.#readers.set(node, [step]);
      }
    }
  }

  readersOf(node: Node): readonly Step[] {
    return this.#readers.get(node) ?? [];
  }

  /** Whether a step needs, directly or not, what each of the others makes. */
  areAncestors(others: readonly Step[], step: Step): boolean {
    const missing = new Set(others);
    if (missing.has(step)) return false;
    const earliest = Math.min(...others.map((other) => this.#order.get(other) as number));
    const seen = new Set<Step>();
    const stack = [step];
    for (let next = stack.pop(); next && missing.size > 0; next = stack.pop()) {
      for (const node of inputsOf(next)) {
        const maker = this.makerOf.get(node);
        if (!maker || seen.has(maker) || (this.#order.get(maker) as number) < earliest) continue;
        seen.add(maker);
        missing.delete(maker);
        stack.push(maker);
      }
    }
    return missing.size === 0;
  }
}

/** Whether a step that reads an input reads each of its elements before it writes the output's element in that place. */
function writesInPlace(step: Step, input: Node, output: Node): boolean {
  if (step.kind === "operation") return isElementwise(step.node.operation);
  return readsAsItWrites(step.kernel, input, output);
}

/** Whether a kernel may write an output over an input: all that it reads of that input lies where it writes. */
function readsAsItWrites({ program, inputs, outputs }: Kernel, input: Node, output: Node): boolean {
  const written = outputs.findIndex(({ node }) => node === output);
  return inputs.every((node, read) => node !== input || mayOverwrite(program, written, read));
}
