import type { DType } from "../host-tensor.ts";
import { inferType } from "./infer.ts";
import { type Attributes, isCommutative, type Operation } from "./operations.ts";
import { structuralKey } from "./structural-key.ts";

/** Element type and static shape of a value. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** One operation and, since every operation yields one tensor, also that tensor. Nodes are immutable and acyclic. */
export type Node<O extends Operation = Operation> = {
  readonly [K in O]: TensorType & {
    /** Unique within its graph and increasing from inputs to outputs. */
    readonly id: number;
    readonly operation: K;
    readonly inputs: readonly Node[];
    readonly attributes: Attributes[K];
  };
}[O];

/** A program: `nodes` in an order in which they can be computed, `inputs` among them, `outputs` its results. */
export interface Graph {
  readonly nodes: readonly Node[];
  readonly inputs: readonly Node<"input">[];
  readonly outputs: readonly Node[];
}

const isConstant = ({ operation }: Node) => operation === "full" || operation === "constant";

/** Operands of a commutative operation, a constant one second, where passes look for it. */
function constantLast(operands: readonly Node[]): readonly Node[] {
  const [a, b] = operands;
  return a && b && isConstant(a) && !isConstant(b) ? [b, a] : operands;
}

/**
 * Appends nodes. A node that would compute what an earlier one computes is that earlier one, so common subexpressions
 * never enter a graph.
 */
export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #inputs: Node<"input">[] = [];
  readonly #known = new Map<string, Node>();

  /**
   * Appends an operation and returns its value.
   *
   * @throws TypeError or RangeError from type inference when the inputs do not fit the operation.
   */
  add<O extends Operation>(operation: O, operands: readonly Node[], attributes: Attributes[O]): Node {
    const inputs = isCommutative(operation) ? constantLast(operands) : operands;
    const key = structuralKey(operation, inputs, attributes);
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known) return known;
    const { dtype, shape } = inferType(operation, inputs, attributes);
    const node = { id: this.#nodes.length, operation, inputs, attributes, dtype, shape } as unknown as Node;
    this.#nodes.push(node);
    if (node.operation === "input") this.#inputs.push(node);
    if (key !== undefined) this.#known.set(key, node);
    return node;
  }

  /** Appends an argument of the program. */
  input(name: string, dtype: DType, shape: readonly number[]): Node<"input"> {
    return this.add("input", [], { name, dtype, shape }) as Node<"input">;
  }

  /** A splat of one number; a scalar unless a shape is given. */
  full(value: number, dtype: DType = "float32", shape: readonly number[] = []): Node {
    return this.add("full", [], { value, dtype, shape });
  }

  /** The program that yields `outputs`: all inputs, and of the rest what the outputs need. */
  build(outputs: readonly Node[]): Graph {
    const live = new Set<Node>(this.#inputs);
    const visit = [...outputs];
    for (let node = visit.pop(); node; node = visit.pop()) {
      if (live.has(node) && node.operation !== "input") continue;
      live.add(node);
      visit.push(...node.inputs);
    }
    return { nodes: this.#nodes.filter((node) => live.has(node)), inputs: this.#inputs, outputs };
  }
}

/** The nodes that read each node, in order; outputs of the graph count no reader. */
export function readersOf(graph: Graph): ReadonlyMap<Node, readonly Node[]> {
  const readers = new Map<Node, Node[]>(graph.nodes.map((node) => [node, []]));
  for (const node of graph.nodes) for (const input of new Set(node.inputs)) readers.get(input)?.push(node);
  return readers;
}

/** The value of a node that is one number everywhere, else `undefined`. */
export function splatValue(node: Node): number | undefined {
  return node.operation === "full" ? node.attributes.value : undefined;
}

/**
 * Rebuilds a graph node by node. `rewrite` sees each node with its already rewritten inputs and returns its
 * replacement, or `undefined` to keep the operation as it is. What nobody reads afterwards is dropped.
 */
export function rewriteGraph(
  graph: Graph,
  rewrite: (node: Node, inputs: readonly Node[], builder: GraphBuilder) => Node | undefined,
  builder = new GraphBuilder(),
): Graph {
  const replaced = new Map<Node, Node>();
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => replaced.get(input) as Node);
    replaced.set(node, rewrite(node, inputs, builder) ?? builder.add(node.operation, inputs, node.attributes));
  }
  return builder.build(graph.outputs.map((output) => replaced.get(output) as Node));
}
