import type { Graph, Node } from "../graph/graph.ts";
import { sizeOf } from "../host-tensor.ts";
import { type Cluster, fits } from "./cluster.ts";
import type { Role } from "./space.ts";
import { viewOf } from "./view.ts";

/** Recomputing more operations than this costs more than reading the result. */
const maximumOperations = 24;

/**
 * Lets kernels recompute what other kernels computed instead of reading it from memory, where all of it follows
 * elementwise from one tensor that lies in memory anyway: the tanh of a GELU, for its gradient, from the GELU's input.
 * It costs arithmetic in a pass that waits for memory, and saves the store, the load, and the memory between the two.
 *
 * Extends the members of clusters; `owner` keeps naming the first cluster of each node, which stores it if need be.
 */
export function recomputeCheaply(graph: Graph, clusters: readonly Cluster[], owner: ReadonlyMap<Node, Cluster>): void {
  const recipes = findRecipes(graph, owner);
  for (const cluster of clusters) {
    for (const operand of externalOperands(cluster)) {
      const recipe = recipes.get(operand);
      if (recipe && owner.get(operand) !== cluster) absorb(cluster, recipe);
    }
  }
}

function externalOperands({ members }: Cluster): Set<Node> {
  const operands = new Set<Node>();
  for (const member of members.keys()) for (const input of member.inputs) if (!members.has(input)) operands.add(input);
  return operands;
}

/**
 * For each value that another kernel reads and nothing else needs in memory: the operations that make it from at most
 * one stored tensor of its size. Where there are none such, the value itself is stored, for later ones to start from.
 */
function findRecipes(graph: Graph, owner: ReadonlyMap<Node, Cluster>): Map<Node, ReadonlySet<Node>> {
  const stored = storedAnyway(graph, owner);
  const readElsewhere = new Set<Node>();
  for (const node of graph.nodes) {
    const cluster = owner.get(node);
    for (const input of node.inputs) if (cluster && owner.get(input) !== cluster) readElsewhere.add(input);
  }
  const recipes = new Map<Node, ReadonlySet<Node>>();
  for (const node of graph.nodes) {
    const source = owner.get(node);
    if (!source || !readElsewhere.has(node) || stored.has(node) || source.members.get(node) !== "full") continue;
    const recipe = recipeFor(node, source, stored);
    if (recipe) recipes.set(node, recipe);
    else stored.add(node);
  }
  return recipes;
}

/** Nodes that some operation of the engine, or the caller, needs in memory whatever kernels do. */
function storedAnyway(graph: Graph, owner: ReadonlyMap<Node, Cluster>): Set<Node> {
  const stored = new Set<Node>(graph.outputs);
  for (const node of graph.nodes) {
    // What a kernel reads through a view it reads from the viewed tensor.
    const isKernel = owner.has(node);
    for (const input of node.inputs) {
      const { base } = viewOf(input);
      if (!isKernel || base !== input) stored.add(base);
      if (!isKernel) stored.add(input);
    }
  }
  return stored;
}

/** The operations that make a value from one stored tensor of its size at most, or `undefined`. */
function recipeFor(value: Node, source: Cluster, stored: ReadonlySet<Node>): ReadonlySet<Node> | undefined {
  const operations = new Set<Node>();
  const large = new Set<Node>();
  const stack = [value];
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (operations.has(node) || node.operation === "full") continue;
    const role = source.members.get(node);
    // A number for each row is kept: it is small, and what it was reduced from is not read again.
    if (role === "row") continue;
    if (role === undefined || stored.has(node)) {
      // Biases and scales stay in the cache: only tensors of the kernel's own size cost a pass over memory.
      if (sizeOf(node.shape) >= source.rows * source.columns) large.add(viewOf(node).base);
      if (large.size > 1) return undefined;
      continue;
    }
    if (node.operation === "softmax") return undefined;
    operations.add(node);
    if (operations.size > maximumOperations) return undefined;
    stack.push(...node.inputs);
  }
  return operations;
}

/** Adds operations to a cluster if all of them, and all of its members, still fit together. */
function absorb(cluster: Cluster, operations: ReadonlySet<Node>): void {
  const added = [...operations].map((node): [Node, Role] => [node, "full"]);
  const members = new Map<Node, Role>([...cluster.members, ...added].sort(([a], [b]) => a.id - b.id));
  for (const [member, role] of members) if (fits(member, cluster, members) !== role) return;
  cluster.members.clear();
  for (const [member, role] of members) cluster.members.set(member, role);
}
