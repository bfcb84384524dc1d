import type { Node } from "../graph/graph.ts";
import type { Kernel, KernelOutput } from "./kernel.ts";

/**
 * Has the kernels that write pieces of one tensor do so one after the other, in the given order, into the same memory:
 * what the first one begins each of the others continues, and what the last one leaves is the tensor.
 */
export function chainPieces(kernels: readonly Kernel[]): ReadonlyMap<Kernel, Kernel> {
  const left = new Map<Node, number>();
  for (const { outputs } of kernels) {
    for (const output of outputs) {
      if (output.kind === "piece") left.set(output.place.base, (left.get(output.place.base) ?? 0) + 1);
    }
  }
  const latest = new Map<Node, Node>();
  const chain = (output: KernelOutput): KernelOutput => {
    if (output.kind !== "piece") return output;
    const whole = output.place.base;
    const onto = latest.get(whole);
    const others = (left.get(whole) as number) - 1;
    const node = others === 0 ? whole : output.node;
    left.set(whole, others);
    latest.set(whole, node);
    return { ...output, node, ...(onto && { onto }) };
  };
  return new Map(kernels.map((kernel) => [kernel, { ...kernel, outputs: kernel.outputs.map(chain) }]));
}

/** The tensors, begun by earlier kernels, that outputs are written into, in the order of these outputs. */
export function writtenOnto(outputs: readonly KernelOutput[]): readonly Node[] {
  return outputs.flatMap((output) => (output.kind === "piece" && output.onto ? [output.onto] : []));
}
