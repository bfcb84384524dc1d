import { sizeOf } from "../../host-tensor.ts";
import type { Emitter } from "../emit.ts";
import { type Node, splatValue } from "../graph.ts";
import {
  type BinaryOperation,
  binaryOperations,
  isUnary,
  type Operation,
  type UnaryOperation,
  unaryOperations,
} from "../operations.ts";
import { binaryFunction, castNumber, keepNumber, unaryFunction } from "../scalars.ts";
import { sameShape } from "../shapes.ts";
import { mergeRules, type Rule, type Rules, rulesFor } from "./rules.ts";

type Elementwise = UnaryOperation | BinaryOperation | "select" | "cast";
const elementwise: readonly Elementwise[] = [...unaryOperations, ...binaryOperations, "select", "cast"];

/** Stretches (or only reshapes) to a shape that x broadcasts to. */
export function stretch(emit: Emitter, x: Node, shape: readonly number[]): Node {
  return sizeOf(x.shape) === sizeOf(shape) ? emit.reshape(x, shape) : emit.broadcast(x, shape);
}

/** Whether one shape is the other behind axes of size 1. */
function isBehindOnes(shape: readonly number[], longer: readonly number[]): boolean {
  const extra = longer.length - shape.length;
  return extra > 0 && longer.slice(0, extra).every((size) => size === 1) && sameShape(shape, longer.slice(extra));
}

/** The smallest value that broadcasts to what x is: what was stretched to x, or one number. */
function core(x: Node, emit: Emitter): Node {
  if (x.operation === "full") return x.shape.length === 0 ? x : emit.full(x.attributes.value, x.dtype);
  const source = x.inputs[0];
  const isStretched =
    x.operation === "broadcast" || (x.operation === "reshape" && isBehindOnes(source?.shape ?? [], x.shape));
  return isStretched ? core(source as Node, emit) : x;
}

/** Elementwise operations stretch their operands themselves; where all operands are stretched, the result is instead. */
const stretchLate: Rule<Elementwise> = ({ operation, inputs, attributes, shape }, emit) => {
  const cores = inputs.map((input) => core(input, emit));
  if (cores.every((x, i) => x === inputs[i])) return undefined;
  return stretch(emit, emit.builder.add(operation as Operation, cores, attributes), shape);
};

const foldElementwise: Rule<Elementwise> = (node, emit) => {
  if (node.dtype === "bfloat16") return undefined;
  const numbers = node.inputs.map(splatValue);
  if (numbers.includes(undefined)) return undefined;
  const [a, b, c] = numbers as [number, number, number];
  const from = (node.inputs[0] as Node).dtype;
  const value = () => {
    if (node.operation === "cast") return castNumber(a, node.dtype);
    if (node.operation === "select") return a === 0 ? c : b;
    if (isUnary(node.operation)) return unaryFunction(node.operation, from)(a);
    return binaryFunction(node.operation as BinaryOperation, from)(a, b);
  };
  return emit.full(keepNumber(value(), node.dtype), node.dtype, node.shape);
};

/** Movements of one number everywhere are that number everywhere. */
const foldMovement: Rule = ({ inputs: [x], dtype, shape }, emit) => {
  const value = splatValue(x as Node);
  return value === undefined ? undefined : emit.full(value, dtype, shape);
};

const foldConcat: Rule<"concat"> = ({ inputs, dtype, shape }, emit) => {
  const value = splatValue(inputs[0] as Node);
  const isSplat = value !== undefined && inputs.every((input) => Object.is(splatValue(input), value));
  return isSplat ? emit.full(value, dtype, shape) : undefined;
};

const foldPad: Rule<"pad"> = ({ inputs: [x], attributes, dtype, shape }, emit) =>
  x && Object.is(splatValue(x), attributes.value) ? emit.full(attributes.value, dtype, shape) : undefined;

/** A constant that holds one number everywhere. */
const foldConstant: Rule<"constant"> = ({ attributes: { value }, dtype, shape }, emit) => {
  const first = value.data[0];
  const isSplat = first !== undefined && value.data.every((element) => Object.is(element, first));
  return isSplat ? emit.full(first, dtype, shape) : undefined;
};

/** What has no elements needs no computation, and a sum over nothing is 0. There are no constants of bfloat16. */
const empty: Rule = ({ operation, inputs, dtype, shape }, emit) => {
  if (operation === "input" || operation === "full" || dtype === "bfloat16") return undefined;
  const sumsNothing = (operation === "reduceSum" || operation === "matmul") && inputs[0]?.shape.includes(0);
  return shape.includes(0) || sumsNothing ? emit.full(0, dtype, shape) : undefined;
};

/**
 * Folds what is one number everywhere (`full`) through operations, and takes `broadcast`s out of elementwise
 * operations, which broadcast by themselves: x + broadcast(b) → x + b, exp(broadcast(x)) → broadcast(exp(x)). Where an
 * operand is a `full`, it becomes a scalar. Numbers stay the same, but for the rounding of folded functions (computed in
 * double precision and rounded once).
 */
export const splatRules: Rules = mergeRules(
  { every: [empty] },
  rulesFor(elementwise, stretchLate, foldElementwise),
  rulesFor(
    ["reshape", "transpose", "broadcast", "slice", "reverse", "tile", "gather", "gatherNd"],
    foldMovement as Rule<Operation>,
  ),
  { concat: [foldConcat], pad: [foldPad], constant: [foldConstant] },
);
