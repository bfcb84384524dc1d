import * as tf from "@tensorflow/tfjs-core";
import type { Node } from "../../graph/graph.ts";
import type { HostTensor } from "../../host-tensor.ts";
import { onBackend } from "../../trace/on-backend.ts";
// Registers the cpu backend.
import "./backends.ts";
import { computeOnHost, isHostNode } from "./host-operations.ts";
import { evaluate } from "./operations/index.ts";
import { hostOf, tensorOf } from "./values.ts";

/**
 * One operation on host tensors, computed by tfjs's own CPU backend: what constant folding uses.
 *
 * @throws Error for an `input` node, whose value only the caller knows.
 */
export function evaluateNode(node: Node, inputs: readonly HostTensor[]): HostTensor {
  if (node.operation === "input") throw new Error(`internal: input "${node.attributes.name}" cannot be computed`);
  if (node.operation === "constant") return node.attributes.value;
  if (isHostNode(node)) return computeOnHost(node, inputs);
  silence();
  return onBackend("cpu", () => {
    const operands = inputs.map(tensorOf);
    const result = evaluate(node, operands);
    const value = hostOf(node.dtype, node.shape, result.dataSync());
    for (const tensor of [...operands, result]) tensor.dispose();
    return value;
  });
}

/** At its first use in Node the backend prints that another is faster, which is no news to whoever compiles. */
function silence(): void {
  (tf.findBackend("cpu") as unknown as { firstUse: boolean }).firstUse = false;
}
