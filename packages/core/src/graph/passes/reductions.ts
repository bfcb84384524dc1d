import { sizeOf } from "../../host-tensor.ts";
import { type Node, splatValue } from "../graph.ts";
import { type ReductionOperation, reductionOperations } from "../operations.ts";
import { keepNumber } from "../scalars.ts";
import { axisGroups } from "./axis-groups.ts";
import { mergeRules, type Rule, type Rules, rulesFor } from "./rules.ts";

/** Reductions keep their axes as axes of size 1, so that one with and one without are one; a reshape drops them. */
const keepAxes: Rule<ReductionOperation> = ({ operation, inputs: [x], attributes: { axes, keepDims }, shape }, emit) =>
  keepDims ? undefined : emit.reshape(emit.reduce(operation, x as Node, axes, true), shape);

/** Over axes of size 1 there is nothing to reduce. */
const dropUnits: Rule<ReductionOperation> = ({ operation, inputs, attributes: { axes } }, emit) => {
  const x = inputs[0] as Node;
  const longer = axes.filter((axis) => x.shape[axis] !== 1);
  return longer.length < axes.length ? emit.reduce(operation, x, longer, true) : undefined;
};

/** A reduction of a reduction, over the axes of both. */
const mergeReductions: Rule<ReductionOperation> = ({ operation, inputs, attributes: { axes } }, emit) => {
  const x = inputs[0] as Node;
  if (x.operation !== operation) return undefined;
  return emit.reduce(
    operation,
    x.inputs[0] as Node,
    [...axes, ...(x as Node<ReductionOperation>).attributes.axes],
    true,
  );
};

/** Sum of `count` equal numbers and the like. */
function ofEqual(operation: ReductionOperation, value: number, count: number): number {
  if (operation === "reduceSum") return value * count;
  return operation === "reduceProd" ? value ** count : value;
}

const ofSplat: Rule<ReductionOperation> = ({ operation, inputs: [x], dtype, shape }, emit) => {
  const value = splatValue(x as Node);
  // Integers would have to wrap around on the way.
  if (value === undefined || dtype !== "float32") return undefined;
  const count = sizeOf((x as Node).shape) / sizeOf(shape);
  return emit.full(keepNumber(ofEqual(operation, value, count), dtype), dtype, shape);
};

/** Over stretched axes all elements are equal: a sum is a multiple, a maximum is the element itself. */
const ofBroadcast: Rule<ReductionOperation> = ({ operation, inputs, attributes: { axes }, dtype, shape }, emit) => {
  const x = inputs[0] as Node;
  if (x.operation !== "broadcast" || operation === "reduceProd") return undefined;
  const source = x.inputs[0] as Node;
  const missing = x.shape.length - source.shape.length;
  const aligned = emit.reshape(source, [...new Array<number>(missing).fill(1), ...source.shape]);
  const stretched = axes.filter((axis) => aligned.shape[axis] !== x.shape[axis]);
  if (stretched.length === 0 || (operation === "reduceSum" && dtype !== "float32")) return undefined;
  const count = stretched.reduce((product, axis) => product * (x.shape[axis] as number), 1);
  const reduced = emit.reduce(
    operation,
    aligned,
    axes.filter((axis) => aligned.shape[axis] !== 1),
    true,
  );
  return emit.broadcast(operation === "reduceSum" ? emit.mul(reduced, count) : reduced, shape);
};

/**
 * Over whole groups of axes that a reshape made, the reduction is one of the axes that they were made from: gradients of
 * biases, norms. A reduction of rows stays beside what else is computed on these rows.
 */
const ofReshape: Rule<ReductionOperation> = ({ operation, inputs, attributes: { axes }, shape }, emit) => {
  const x = inputs[0] as Node;
  const source = x.inputs[0];
  const isOfRows = axes.includes(x.shape.length - 1) && axes.length < x.shape.length;
  const groups = x.operation === "reshape" && source && !isOfRows ? axisGroups(source.shape, x.shape) : undefined;
  if (!source || !groups) return undefined;
  const reduced: number[] = [];
  for (const { from, to } of groups) {
    // Axes of size 1 are neither here nor there.
    const wide = to.filter((axis) => x.shape[axis] !== 1);
    const inside = wide.filter((axis) => axes.includes(axis));
    if (inside.length === 0) continue;
    if (inside.length < wide.length) return undefined;
    reduced.push(...from);
  }
  return emit.reshape(emit.reduce(operation, source, reduced, true), shape);
};

/** A reduction needs no transpose of what it reads, unless that brings the last axis of memory to be reduced. */
const ofTranspose: Rule<ReductionOperation> = ({ operation, inputs, attributes: { axes } }, emit) => {
  const x = inputs[0] as Node;
  if (x.operation !== "transpose") return undefined;
  const { permutation } = x.attributes;
  const last = permutation.length - 1;
  if (axes.includes(last) && permutation[last] !== last) return undefined;
  const source = axes.map((axis) => permutation[axis] as number);
  return emit.transpose(emit.reduce(operation, x.inputs[0] as Node, source, true), permutation);
};

/** A sum of negated numbers is the negated sum: one negation for each result instead of each summand. */
const ofNegation: Rule<"reduceSum"> = ({ inputs: [x], attributes: { axes } }, emit) =>
  x?.operation === "neg" ? emit.unary("neg", emit.reduce("reduceSum", x.inputs[0] as Node, axes, true)) : undefined;

/**
 * Reductions in one form (axes kept, then reshaped away), none over axes of size 1 or stretched axes, of what is in
 * memory rather than of its reshapes and transposes.
 *
 * Numbers that may change: the rounding of sums over stretched axes (n·x instead of x + … + x) and over axes that were
 * summed one after the other.
 */
export const reductionRules: Rules = mergeRules(
  rulesFor(reductionOperations, ofSplat, keepAxes, dropUnits, ofBroadcast, mergeReductions, ofReshape, ofTranspose),
  { reduceSum: [ofNegation] },
);
