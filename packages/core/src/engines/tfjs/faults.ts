import type { Node } from "../../graph/graph.ts";
import type { Operation } from "../../graph/operations.ts";

/** Operations that the kernels of tfjs-wasm 4.22 compute on floats only; of other types they make garbage or crash. */
const onlyFloatsOnWasm: ReadonlySet<Operation> = new Set<Operation>([
  "div",
  "floorDiv",
  "matmul",
  "mod",
  "reverse",
  "slice",
]);

/** XNNPACK, which tfjs-wasm pads with, has no more axes. */
const mostAxesOfPadsOnWasm = 6;

/** Whether a backend is known to compute an operation wrongly, so that it must be computed elsewhere. */
export function isFaulty(backend: string, node: Node): boolean {
  if (backend !== "wasm") return false;
  if (node.operation === "pad") return node.shape.length > mostAxesOfPadsOnWasm;
  return node.dtype !== "float32" && onlyFloatsOnWasm.has(node.operation);
}
