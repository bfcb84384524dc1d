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

/** Operations that libtensorflow refuses for booleans. */
const noBooleansOnTensorflow: ReadonlySet<Operation> = new Set<Operation>([
  "greater",
  "greaterEqual",
  "less",
  "lessEqual",
  "reduceMax",
  "reduceMin",
]);

/** Operations that libtensorflow refuses for integers, or for an integer 0 below the line. */
const onlyFloatsOnTensorflow: ReadonlySet<Operation> = new Set<Operation>(["div", "floorDiv", "mod"]);

/** XNNPACK, which tfjs-wasm pads with, has no more axes, and nor has libtensorflow. */
const mostAxesOfPads = 6;

const faults: { readonly [backend: string]: (node: Node) => boolean } = {
  wasm: ({ operation, dtype }) => dtype !== "float32" && onlyFloatsOnWasm.has(operation),
  tensorflow: ({ operation, inputs }) => {
    const type = inputs[0]?.dtype;
    return type === "bool"
      ? noBooleansOnTensorflow.has(operation)
      : type !== "float32" && onlyFloatsOnTensorflow.has(operation);
  },
};

/** Whether a backend is known to compute an operation wrongly, so that it must be computed elsewhere. */
export function isFaulty(backend: string, node: Node): boolean {
  const isFault = faults[backend];
  if (isFault === undefined) return false;
  return isFault(node) || (node.operation === "pad" && node.shape.length > mostAxesOfPads);
}
