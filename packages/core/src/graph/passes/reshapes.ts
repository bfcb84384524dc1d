import type { Emitter } from "../emit.ts";
import type { Node } from "../graph.ts";
import { isElementwise } from "../operations.ts";
import { sameShape } from "../shapes.ts";
import type { Rule, Rules } from "./rules.ts";

/** How many operations between two reshapes are looked through. */
const deepest = 4;

/**
 * A value under another shape without a reshape: an elementwise function of what has that shape before a reshape, and
 * of scalars; `undefined` where there is more to it.
 */
function underShape(x: Node, shape: readonly number[], emit: Emitter, depth = deepest): Node | undefined {
  if (x.shape.length === 0) return x;
  const [source] = x.inputs;
  if (x.operation === "reshape") return source && sameShape(source.shape, shape) ? source : undefined;
  if (!isElementwise(x.operation) || depth === 0) return undefined;
  const operands: Node[] = [];
  for (const input of x.inputs) {
    const operand = underShape(input, shape, emit, depth - 1);
    if (!operand) return undefined;
    operands.push(operand);
  }
  return emit.builder.add(x.operation, operands, x.attributes);
}

const cancel: Rule<"reshape"> = ({ inputs: [x], shape }, emit) => {
  if (!x || x.shape.length === 0 || !isElementwise(x.operation)) return undefined;
  const same = underShape(x, shape, emit);
  return same && sameShape(same.shape, shape) ? same : undefined;
};

/**
 * Reshapes there and back around elementwise operations cancel: a mean without its axis, divided, and given the axis
 * again, is one number a row all the way. No number changes.
 */
export const reshapeRules: Rules = { reshape: [cancel] };
