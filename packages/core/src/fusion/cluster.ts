import type { Graph, Node } from "../graph/graph.ts";
import { sizeOf } from "../host-tensor.ts";
import { isFusible, type Role, reducesLastAxis, roleIn, type Space, spaceOf } from "./space.ts";
import { broadcastView, viewOf } from "./view.ts";

/** Nodes that one kernel computes. */
export interface Cluster extends Space {
  /** Members with their roles, in the order of the graph. */
  readonly members: Map<Node, Role>;
}

/** More operands than this would not leave a kernel registers for anything else. */
const maximumOperands = 24;

/**
 * Longer chains are cut into several kernels: the time that it takes to compile one grows faster than its length, and
 * one more pass over memory is little beside so much arithmetic. The longest of our training steps, an optimizer's, has 120.
 */
const maximumMembers = 128;

/** Whether an operand, read element by element beside `reader`, is the member in its place: not stretched, not moved. */
function isAligned(operand: Node, operandRole: Role, reader: Node, readerRole: Role): boolean {
  if (operandRole === readerRole) return sizeOf(operand.shape) === sizeOf(reader.shape);
  if (operandRole === "full") return false;
  const padded = [
    ...new Array<number>(Math.max(0, reader.shape.length - operand.shape.length)).fill(1),
    ...operand.shape,
  ];
  return (
    padded.length === reader.shape.length &&
    padded.every((size, i) => size === (i === padded.length - 1 ? 1 : reader.shape[i]))
  );
}

/** The role in which a node can be computed in a space beside the operands that are already there. */
export function fits(node: Node, space: Space, members: ReadonlyMap<Node, Role>): Role | undefined {
  const role = roleIn(node.shape, space);
  if (role === undefined) return undefined;
  const isReduction = reducesLastAxis(node);
  if (isReduction) {
    const operand = node.inputs[0] as Node;
    if (sizeOf(node.shape) !== space.rows || roleIn(operand.shape, space) !== "full") return undefined;
    const operandRole = members.get(operand);
    const isRead = operandRole === undefined ? isReadable(operand, operand, "full") : operandRole === "full";
    return isRead ? "row" : undefined;
  }
  if (node.operation === "softmax" && role !== "full") return undefined;
  for (const operand of node.inputs) {
    const operandRole = members.get(operand);
    if (operandRole !== undefined && !isAligned(operand, operandRole, node, role)) return undefined;
    if (operandRole === undefined && !isReadable(operand, node, role)) return undefined;
  }
  return role;
}

/** Whether an operand from outside can be read row by row without a copy: its last axis is contiguous or stands still. */
export function isReadable(operand: Node, reader: Node, role: Role): boolean {
  if (role === "row") return true;
  const view = broadcastView(viewOf(operand), reader.shape);
  const stride = view.strides.at(-1) ?? 0;
  return stride === 0 || stride === 1 || reader.shape.at(-1) === 1;
}

class Clustering {
  readonly clusterOf = new Map<Node, Cluster>();
  /** The first and last member of every cluster, by id. */
  readonly #spans = new Map<Cluster, readonly [first: number, last: number]>();

  /** Whether the nodes can be one kernel: nothing outside of them lies on a path from one of them to another. */
  isConvex(members: ReadonlyMap<Node, unknown>): boolean {
    const floor = this.#floorOf(members);
    const seen = new Set<Node>();
    const stack: Node[] = [];
    const enter = (node: Node) => {
      for (const one of this.clusterOf.get(node)?.members.keys() ?? [node]) {
        if (seen.has(one) || members.has(one)) continue;
        seen.add(one);
        stack.push(one);
      }
    };
    for (const member of members.keys()) for (const input of member.inputs) if (!members.has(input)) enter(input);
    for (let node = stack.pop(); node; node = stack.pop()) {
      if (node.id < floor) continue;
      for (const input of node.inputs) {
        if (members.has(input)) return false;
        enter(input);
      }
    }
    return true;
  }

  /**
   * The id before which no node depends on any of the members: that of the first member, or of the first member of a
   * cluster that reaches beyond it, since a cluster computes all of its members at once.
   */
  #floorOf(members: ReadonlyMap<Node, unknown>): number {
    let floor = Number.POSITIVE_INFINITY;
    for (const { id } of members.keys()) floor = Math.min(floor, id);
    for (let before = Number.NaN; before !== floor; ) {
      before = floor;
      for (const [first, last] of this.#spans.values()) if (last >= floor && first < floor) floor = first;
    }
    return floor;
  }

  #assign(cluster: Cluster): void {
    let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const member of cluster.members.keys()) {
      const old = this.clusterOf.get(member);
      if (old) this.#spans.delete(old);
      this.clusterOf.set(member, cluster);
      first = Math.min(first, member.id);
      last = Math.max(last, member.id);
    }
    this.#spans.set(cluster, [first, last]);
  }

  /** Puts a node, and all of the clusters that it can join together, into one. */
  place(node: Node): void {
    const neighbours = [...new Set(node.inputs.map((input) => this.clusterOf.get(input)))].filter(
      (cluster): cluster is Cluster => cluster !== undefined,
    );
    // Later clusters first: they are the likelier ones to hold the rest of the expression.
    for (const cluster of neighbours.reverse()) {
      const own = this.clusterOf.get(node);
      const joined = own ? this.#merged(own, cluster) : this.#extended(cluster, node);
      if (joined) this.#assign(joined);
    }
    if (!this.clusterOf.has(node)) {
      const space = spaceOf(reducesLastAxis(node) ? (node.inputs[0] as Node).shape : node.shape);
      const role = fits(node, space, new Map());
      if (role) this.#assign({ ...space, members: new Map([[node, role]]) });
    }
  }

  #extended({ rows, columns, members }: Cluster, node: Node): Cluster | undefined {
    const role = fits(node, { rows, columns }, members);
    // A value for each row was taken for a matrix of its own: look at it again in the reader's space.
    if (role === undefined) return this.#widened({ rows, columns, members }, node);
    const grown = { rows, columns, members: new Map([...members, [node, role]]) };
    return this.#isAllowed(grown) ? grown : undefined;
  }

  /** The cluster seen in the space of a reader for which all of it is one number a row. */
  #widened({ rows, members }: Cluster, node: Node): Cluster | undefined {
    const space = spaceOf(reducesLastAxis(node) ? (node.inputs[0] as Node).shape : node.shape);
    const all = [...members.keys()];
    const isOfRows = (member: Node) => reducesLastAxis(member) || member.operation === "softmax";
    if (space.columns === 1 || all.some((member) => sizeOf(member.shape) !== space.rows || isOfRows(member))) {
      return undefined;
    }
    if (rows > space.rows) return undefined;
    const narrowed = new Map<Node, Role>(all.map((member) => [member, "row"]));
    const role = fits(node, space, narrowed);
    if (!role) return undefined;
    const grown = { ...space, members: new Map([...narrowed, [node, role]]) };
    return this.#isAllowed(grown) ? grown : undefined;
  }

  #merged(a: Cluster, b: Cluster): Cluster | undefined {
    if (a === b || a.rows !== b.rows || a.columns !== b.columns) return undefined;
    const ordered = [...a.members, ...b.members].sort(([x], [y]) => x.id - y.id);
    const members = new Map(ordered);
    for (const [member] of ordered) if (fits(member, a, members) !== members.get(member)) return undefined;
    const union = { rows: a.rows, columns: a.columns, members };
    return this.#isAllowed(union) ? union : undefined;
  }

  #isAllowed(cluster: Cluster): boolean {
    const operands = new Set<Node>();
    for (const member of cluster.members.keys()) {
      for (const input of member.inputs)
        if (!cluster.members.has(input) && input.operation !== "full") operands.add(input);
    }
    return operands.size <= maximumOperands && cluster.members.size <= maximumMembers && this.isConvex(cluster.members);
  }
}

/**
 * Groups the fusible nodes of a graph into kernels, greedily in the order of the graph: each node joins the clusters of
 * its operands where the space, the alignment and the order of computation allow it.
 */
export function clusterGraph(graph: Graph): Cluster[] {
  const clustering = new Clustering();
  for (const node of graph.nodes) if (isFusible(node)) clustering.place(node);
  return [...new Set(clustering.clusterOf.values())];
}
