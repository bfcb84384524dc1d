import type { Emitter } from "../../graph/emit.ts";
import type { Node } from "../../graph/graph.ts";
import type { ReductionOperation } from "../../graph/operations.ts";
import { reducedShape } from "../../graph/shapes.ts";
import type { DType } from "../../host-tensor.ts";
import { axesOf, axisOf, type Rule, type Rules } from "../rule.ts";

const reduction =
  (operation: ReductionOperation, prepare: (emit: Emitter, x: Node) => Node = (_, x) => x): Rule =>
  (emit, { x }, { axis, reductionIndices, keepDims }) => {
    const node = prepare(emit, x as Node);
    return emit.reduce(operation, node, axesOf(axis ?? reductionIndices, node.shape.length), keepDims === true);
  };

/** What a maximum or minimum over nothing is: what changes no other one. tfjs reads memory behind the tensor instead. */
function extremeOfNothing(operation: "reduceMax" | "reduceMin", dtype: DType): number {
  const [least, most] =
    dtype === "float32"
      ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
      : dtype === "int32"
        ? [-(2 ** 31), 2 ** 31 - 1]
        : [0, 1];
  return operation === "reduceMax" ? least : most;
}

/** A maximum or minimum, also over an empty axis, which the graph's operations refuse. */
const extreme =
  (operation: "reduceMax" | "reduceMin"): Rule =>
  (emit, inputs, attributes) => {
    const { dtype, shape } = inputs.x as Node;
    const axes = axesOf(attributes.axis ?? attributes.reductionIndices, shape.length);
    if (axes.every((axis) => shape[axis] !== 0)) return reduction(operation)(emit, inputs, attributes);
    const reduced = reducedShape(shape, axes, attributes.keepDims === true);
    return emit.full(extremeOfNothing(operation, dtype), dtype, reduced);
  };

/** Where an extreme is along an axis; of nothing 0, as tfjs has it. */
const search =
  (operation: "argMax" | "argMin"): Rule =>
  (emit, { x }, attributes) => {
    const node = x as Node;
    const axis = axesOf(attributes.axis, node.shape.length)[0] ?? 0;
    return node.shape[axis] === 0
      ? emit.full(0, "int32", reducedShape(node.shape, [axis], false))
      : emit.builder.add(operation, [node], { axis });
  };

/** tfjs sums and multiplies booleans as integers. */
const countable = (emit: Emitter, x: Node) => (x.dtype === "bool" ? emit.cast(x, "int32") : x);

/** Whether any (or all) of the axes hold true: a maximum (minimum) of 0 and 1. Over nothing: false (true). */
const logical =
  (operation: "reduceMax" | "reduceMin"): Rule =>
  (emit, { x }, { axis, keepDims }) => {
    const node = x as Node;
    const axes = axesOf(axis, node.shape.length);
    const asInteger = emit.cast(node, "int32");
    const count = emit.reduce("reduceSum", asInteger, axes, keepDims === true);
    const size = axes.reduce((product, a) => product * (node.shape[a] as number), 1);
    return operation === "reduceMax" ? emit.binary("greater", count, 0) : emit.binary("equal", count, size);
  };

/** Kernels that reduce axes, and those that scan along one. */
export const reductionRules: Rules = {
  Sum: reduction("reduceSum", countable),
  Prod: reduction("reduceProd", countable),
  Max: extreme("reduceMax"),
  Min: extreme("reduceMin"),
  Any: logical("reduceMax"),
  All: logical("reduceMin"),
  Mean: (emit, { x }, { axis, keepDims }) => {
    const node = emit.cast(x as Node, "float32");
    const axes = axesOf(axis, node.shape.length);
    const isOfNothing = axes.some((a) => node.shape[a] === 0);
    // tfjs divides before it adds, so the mean of nothing is 0.
    return isOfNothing
      ? emit.reduce("reduceSum", node, axes, keepDims === true)
      : emit.mean(node, axes, keepDims === true);
  },
  ArgMax: search("argMax"),
  ArgMin: search("argMin"),
  Cumsum: (emit, { x }, { axis, exclusive, reverse }) =>
    emit.builder.add("cumsum", [countable(emit, x as Node)], {
      axis: axisOf(axis, (x as Node).shape.length),
      exclusive: exclusive === true,
      reverse: reverse === true,
    }),
  Softmax: (emit, { logits }) => emit.builder.add("softmax", [emit.cast(logits as Node, "float32")], {}),
};
