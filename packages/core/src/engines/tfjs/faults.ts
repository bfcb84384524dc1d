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

/** XNNPACK, which tfjs-wasm pads and calculates with, has no more axes, and nor have pads of libtensorflow. */
const mostAxes = 6;

/** Operations that tfjs-wasm leaves to XNNPACK. */
const byXnnpack: ReadonlySet<Operation> = new Set<Operation>(["add", "sub", "mul", "div", "floorDiv"]);

const faults: { readonly [backend: string]: (node: Node) => boolean } = {
  wasm: ({ operation, dtype, shape, inputs }) =>
    (dtype !== "float32" && onlyFloatsOnWasm.has(operation)) ||
    (inputs[0]?.dtype === "bool" && (operation === "topKValues" || operation === "topKIndices")) ||
    (shape.length > mostAxes && byXnnpack.has(operation)),
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
  return isFault(node) || (node.operation === "pad" && node.shape.length > mostAxes);
}
