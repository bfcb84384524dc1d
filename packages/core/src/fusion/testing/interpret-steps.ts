import type { Graph, Node } from "../../graph/graph.ts";
import { interpretNode } from "../../graph/testing/interpret.ts";
import { type HostTensor, hostTensor } from "../../host-tensor.ts";
import { interpret } from "../../native/interpret.ts";
import type { Step } from "../fuse.ts";
import type { KernelOutput } from "../kernel.ts";

/** Runs steps slowly and plainly: operations by their definition, kernels by that of row programs. */
export function interpretSteps(graph: Graph, steps: readonly Step[], inputs: readonly HostTensor[]): HostTensor[] {
  const values = new Map<Node, HostTensor>(graph.inputs.map((input, i) => [input, inputs[i] as HostTensor]));
  const read = (node: Node): HostTensor => {
    const value = values.get(node);
    if (!value) throw new Error(`${node.operation} ${node.id} is read before any step makes it`);
    return value;
  };
  for (const step of steps) {
    if (step.kind === "operation") {
      const { node } = step;
      if (node.operation !== "input") values.set(node, interpretNode(node, node.inputs.map(read)));
      continue;
    }
    const { program, inputs: operands, outputs } = step.kernel;
    const results = interpret(
      program,
      operands.map((operand) => read(operand).data),
      outputs.map((output) => (output.kind === "piece" && output.onto ? read(output.onto).data : undefined)),
    );
    outputs.forEach((output, i) => {
      values.set(output.node, finish(output, results[i] as Float32Array, program.columns));
    });
  }
  return graph.outputs.map(read);
}

function finish({ kind, node, shape }: KernelOutput, data: Float32Array, columns: number): HostTensor {
  if (kind !== "rowSums") return hostTensor(node.dtype, node.shape, data);
  const sums = new Float32Array(columns);
  for (let part = 0; part < (shape[0] as number); part++) {
    for (let column = 0; column < columns; column++) sums[column]! += data[part * columns + column]!;
  }
  return hostTensor(node.dtype, node.shape, sums);
}
