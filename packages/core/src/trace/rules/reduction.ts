import type { Emitter } from "../../graph/emit.ts";
import type { Node } from "../../graph/graph.ts";
import type { ReductionOperation } from "../../graph/operations.ts";
import { axesOf, axisOf, type Rule, type Rules } from "../rule.ts";

const reduction =
  (operation: ReductionOperation, prepare: (emit: Emitter, x: Node) => Node = (_, x) => x): Rule =>
  (emit, { x }, { axis, reductionIndices, keepDims }) => {
    const node = prepare(emit, x as Node);
    return emit.reduce(operation, node, axesOf(axis ?? reductionIndices, node.shape.length), keepDims === true);
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
  Max: reduction("reduceMax"),
  Min: reduction("reduceMin"),
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
  ArgMax: (emit, { x }, { axis }) =>
    emit.builder.add("argMax", [x as Node], { axis: axesOf(axis, (x as Node).shape.length)[0] ?? 0 }),
  ArgMin: (emit, { x }, { axis }) =>
    emit.builder.add("argMin", [x as Node], { axis: axesOf(axis, (x as Node).shape.length)[0] ?? 0 }),
  Cumsum: (emit, { x }, { axis, exclusive, reverse }) =>
    emit.builder.add("cumsum", [countable(emit, x as Node)], {
      axis: axisOf(axis, (x as Node).shape.length),
      exclusive: exclusive === true,
      reverse: reverse === true,
    }),
  Softmax: (emit, { logits }) => emit.builder.add("softmax", [emit.cast(logits as Node, "float32")], {}),
};
