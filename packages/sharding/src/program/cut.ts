import { graph } from "@vitscale/core";
import { type Times, timesOf } from "./order.ts";

type Node = graph.Node;

/** A collective of a program. */
export interface Transfer {
  readonly kind: "transfer";
  readonly node: graph.Node<graph.CollectiveOperation>;
  /** The operand, and what must be computed before it is sent. */
  readonly inputs: readonly [operand: Node, ...after: Node[]];
  readonly outputs: readonly [Node];
  /** Tells it apart on the wire, on all ranks alike; from 1 on. */
  readonly channel: number;
}

/** Computation without collectives: one program of an engine. */
export interface Segment extends Times {
  readonly kind: "segment";
  readonly graph: graph.Graph;
  /** Values of the whole program that the inputs of `graph` are, in order. */
  readonly inputs: readonly Node[];
  /** Values of the whole program that the outputs of `graph` are, in order. */
  readonly outputs: readonly Node[];
}

/** A program, cut at its collectives. */
export interface CutProgram {
  readonly inputs: readonly Node[];
  readonly transfers: readonly Transfer[];
  /** The most urgent first, among those that can run at the same time. */
  readonly segments: readonly Segment[];
  /** The results: values of segments or transfers, each once. */
  readonly outputs: readonly Node[];
}

const isTransfer = (node: Node): node is graph.Node<graph.CollectiveOperation> => graph.isCollective(node.operation);
const isConstant = ({ operation }: Node) => operation === "constant" || operation === "full";
const views: ReadonlySet<string> = new Set(["reshape", "transpose", "broadcast", "slice"]);

/**
 * Cuts a program into segments of computation and transfers.
 *
 * A value belongs to the segment of its times (`order.ts`). So what a transfer sends is computed before what it does not
 * need, and a product that is first needed after a transfer is not in the way of that transfer: in a ring, each partial
 * product is a segment of its own, and runs while the next block travels.
 */
export function cutProgram(program: graph.Graph): CutProgram {
  const times = timesOf(program);
  const readers = graph.readersOf(program);
  const outputs = new Set(program.outputs);
  const transfers = transfersOf(program);
  const operands = new Set(transfers.flatMap(({ inputs }) => inputs));
  const isStored = (node: Node) => outputs.has(node) || operands.has(node);

  // Views and constants cost nothing where they are read: every segment has its own, but for those that go somewhere.
  const isInlined = (node: Node) =>
    isConstant(node) ? !operands.has(node) : views.has(node.operation) && !isStored(node);
  const isWaited = (node: Node): boolean =>
    node.operation === "barrier" &&
    !isStored(node) &&
    (readers.get(node) ?? []).every((reader) => isTransfer(reader) || isWaited(reader));
  const isComputed = (node: Node) =>
    node.operation !== "input" && !isTransfer(node) && !isInlined(node) && !isWaited(node);
  const keyOf = (node: Node) => `${times.get(node)?.level}/${times.get(node)?.due}`;

  const groups = new Map<string, Node[]>();
  for (const node of program.nodes.filter(isComputed)) {
    const group = groups.get(keyOf(node));
    if (group) group.push(node);
    else groups.set(keyOf(node), [node]);
  }
  const isReadOutside = (node: Node, key: string): boolean =>
    (readers.get(node) ?? []).some((reader) =>
      isInlined(reader) ? isReadOutside(reader, key) : !isTransfer(reader) && keyOf(reader) !== key,
    );
  const segments = [...groups].map(([key, nodes]): Segment => {
    const results = nodes.filter((node) => isStored(node) || isReadOutside(node, key));
    return { ...segmentOf(nodes, results, isInlined), ...(times.get(nodes[0] as Node) as Times) };
  });
  const results = resultsOf(program.outputs);
  return {
    inputs: program.inputs,
    transfers,
    segments: [...segments, ...results.copies].sort((a, b) => a.due - b.due || a.level - b.level),
    outputs: results.values,
  };
}

/** The program that computes nodes, given in their order, out of what is computed elsewhere. */
function segmentOf(nodes: readonly Node[], outputs: readonly Node[], isInlined: (node: Node) => boolean) {
  const own = new Set(nodes);
  const builder = new graph.GraphBuilder();
  const copies = new Map<Node, Node>();
  const inputs: Node[] = [];
  const copyOf = (node: Node): Node => {
    const known = copies.get(node);
    if (known) return known;
    const isForeign = !own.has(node) && !isInlined(node);
    if (isForeign) inputs.push(node);
    const copy = isForeign
      ? builder.input(`value${node.id}`, node.dtype, node.shape)
      : builder.add(node.operation, node.inputs.map(copyOf), node.attributes);
    copies.set(node, copy);
    return copy;
  };
  for (const node of nodes) copyOf(node);
  return { kind: "segment" as const, graph: builder.build(outputs.map(copyOf)), inputs, outputs };
}

/** Every transfer with its channel. A collective that a pass has doubled, to compute it again, gets another for the copy. */
function transfersOf({ nodes }: graph.Graph): Transfer[] {
  const found = nodes.filter(isTransfer);
  const stride = 1 + Math.max(0, ...found.map(({ attributes }) => attributes.channel));
  const seen = new Map<number, number>();
  return found.map((node) => {
    const { channel } = node.attributes;
    const times = seen.get(channel) ?? 0;
    seen.set(channel, times + 1);
    const inputs = withoutBarriers(node.inputs[0] as Node);
    return { kind: "transfer", node, inputs, outputs: [node], channel: 1 + channel + times * stride };
  });
}

/** What is sent, and what a barrier says must be computed first: a transfer waits by itself, without a copy. */
function withoutBarriers(operand: Node): [Node, ...Node[]] {
  if (operand.operation !== "barrier") return [operand];
  const [inner, ...after] = operand.inputs as readonly [Node, ...Node[]];
  return [...withoutBarriers(inner), ...after.flatMap(withoutBarriers)];
}

/** The results of a program as values of their own: what is given, or returned twice, is copied by a segment. */
function resultsOf(outputs: readonly Node[]): {
  readonly values: readonly Node[];
  readonly copies: readonly Segment[];
} {
  const isOwn = (node: Node, i: number) =>
    node.operation !== "input" && !isConstant(node) && outputs.indexOf(node) === i;
  const values = outputs.map((node, i) => (isOwn(node, i) ? node : { ...node }));
  const copied = outputs.filter((node, i) => !isOwn(node, i));
  if (copied.length === 0) return { values, copies: [] };
  const twins = values.filter((value, i) => value !== outputs[i]);
  const copying = segmentOf([], copied, isConstant);
  return { values, copies: [{ ...copying, outputs: twins, level: 0, due: Number.POSITIVE_INFINITY }] };
}
