import { sizeOf } from "../host-tensor.ts";
import type { Graph, Node } from "./graph.ts";
import { inferType } from "./infer.ts";
import { printType } from "./print.ts";
import { sameShape } from "./shapes.ts";

/** What a graph can break: order of nodes, types, membership of inputs and outputs, names, or numbers. */
export type GraphRule = "order" | "type" | "inputs" | "outputs" | "name" | "value";

/** A graph that no engine may be given. It always means a mistake in whoever built or rewrote the graph. */
export class InvalidGraphError extends Error {
  override readonly name = "InvalidGraphError";
  constructor(
    readonly rule: GraphRule,
    message: string,
  ) {
    super(`invalid graph: ${message}`);
  }
}

const describe = (node: Node) => `${node.operation} (id ${node.id}, ${printType(node)})`;

function checkType(node: Node): void {
  let inferred: ReturnType<typeof inferType>;
  try {
    inferred = inferType(node.operation, node.inputs, node.attributes);
  } catch (cause) {
    throw new InvalidGraphError("type", `${describe(node)}: ${(cause as Error).message}`);
  }
  if (inferred.dtype !== node.dtype || !sameShape(inferred.shape, node.shape)) {
    throw new InvalidGraphError("type", `${describe(node)} should be ${printType(inferred)} by its operation`);
  }
  if (node.shape.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new InvalidGraphError("type", `${describe(node)} has a size that is not a whole number`);
  }
}

/** Whether a number is one that the dtype can hold; a float32 is rounded, so any number is. */
function fits(value: number, dtype: Node["dtype"]): boolean {
  if (dtype === "float32") return true;
  if (dtype === "int32") return value === (value | 0);
  return Number.isInteger(value) && value >= 0 && value <= (dtype === "bool" ? 1 : 255);
}

function checkValue(node: Node): void {
  if (node.operation === "full" && !fits(node.attributes.value, node.dtype)) {
    throw new InvalidGraphError("value", `${describe(node)} holds ${node.attributes.value}, which is no ${node.dtype}`);
  }
  if (node.operation === "constant" && node.attributes.value.data.length !== sizeOf(node.shape)) {
    throw new InvalidGraphError("value", `${describe(node)} holds ${node.attributes.value.data.length} elements`);
  }
}

/**
 * Checks that a graph is one: nodes come after what they read and once each, their types are those that inference
 * gives, `inputs` are exactly its input nodes under distinct names, and there are outputs, all among its nodes.
 *
 * @throws InvalidGraphError naming the first node that breaks a rule, with the rule as a property.
 */
export function verifyGraph(graph: Graph): void {
  const known = new Set<Node>();
  let previous = Number.NEGATIVE_INFINITY;
  for (const node of graph.nodes) {
    if (known.has(node)) throw new InvalidGraphError("order", `${describe(node)} is listed twice`);
    if (node.id <= previous) {
      throw new InvalidGraphError("order", `${describe(node)} follows id ${previous}; ids must increase`);
    }
    for (const input of node.inputs) {
      if (!known.has(input)) {
        throw new InvalidGraphError(
          "order",
          `${describe(node)} reads ${describe(input)}, which is not computed before`,
        );
      }
    }
    checkType(node);
    checkValue(node);
    known.add(node);
    previous = node.id;
  }

  const declared = new Set<Node>(graph.inputs);
  for (const node of graph.nodes) {
    if ((node.operation === "input") !== declared.has(node)) {
      throw new InvalidGraphError("inputs", `${describe(node)} must be among the graph's inputs if it is an input`);
    }
  }
  if (declared.size !== graph.inputs.length || graph.inputs.some((input) => !known.has(input))) {
    throw new InvalidGraphError("inputs", "the inputs must be distinct nodes of the graph");
  }
  const names = new Set<string>();
  for (const { attributes } of graph.inputs) {
    if (names.has(attributes.name)) throw new InvalidGraphError("name", `two inputs are named "${attributes.name}"`);
    names.add(attributes.name);
  }
  if (graph.outputs.length === 0) {
    throw new InvalidGraphError("outputs", "it has no outputs, so there is nothing to compute");
  }
  for (const [index, output] of graph.outputs.entries()) {
    if (!known.has(output)) {
      throw new InvalidGraphError("outputs", `output ${index}, ${describe(output)}, is not among its nodes`);
    }
  }
}
