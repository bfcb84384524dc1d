import type { Node } from "../graph.ts";
import {
  type BinaryOperation,
  binaryOperations,
  type Operation,
  type UnaryOperation,
  unaryOperations,
} from "../operations.ts";
import { sameShape } from "../shapes.ts";
import { type Rule, type Rules, rulesFor } from "./rules.ts";

type Elementwise = UnaryOperation | BinaryOperation | "select" | "cast";
const elementwise: readonly Elementwise[] = [...unaryOperations, ...binaryOperations, "select", "cast"];

/** How many axes at the end of two shapes are the same. */
function commonTail(a: readonly number[], b: readonly number[]): number {
  let count = 0;
  while (count < Math.min(a.length, b.length) && a.at(-1 - count) === b.at(-1 - count)) count++;
  return count;
}

/**
 * An elementwise operation on reshaped operands is the reshaped result of the operation on the operands, where all that
 * have the result's size come from one shape and the others only reach into axes that the reshape leaves as they are.
 */
const reshapeLate: Rule<Elementwise> = ({ operation, inputs, attributes, shape }, emit) => {
  const source = inputs.find((x) => x.operation === "reshape" && sameShape(x.shape, shape))?.inputs[0]?.shape;
  if (!source) return undefined;
  const tail = commonTail(source, shape);
  const before: Node[] = [];
  for (const x of inputs) {
    const origin = x.operation === "reshape" ? x.inputs[0] : undefined;
    if (origin && sameShape(x.shape, shape) && sameShape(origin.shape, source)) before.push(origin);
    else if (x.shape.length <= tail) before.push(x);
    else return undefined;
  }
  return emit.reshape(emit.builder.add(operation as Operation, before, attributes), shape);
};

/**
 * Moves reshapes behind elementwise operations, where they meet and cancel: between the products of an MLP, whose rows
 * are flattened, bias and activation then run on the flat rows. No number changes.
 */
export const reshapeRules: Rules = rulesFor(elementwise, reshapeLate);
