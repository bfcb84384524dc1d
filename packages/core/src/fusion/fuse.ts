import type { Graph, Node } from "../graph/graph.ts";
import { chainPieces, writtenOnto } from "./chain-pieces.ts";
import { type Cluster, clusterGraph } from "./cluster.ts";
import { copyKernel, copyPiece } from "./copies.ts";
import { buildKernel, type Kernel, type KernelOutput, layoutOf, type PieceOutput, rowSumShape } from "./kernel.ts";
import { inOrder } from "./order.ts";
import { piecesOf } from "./pieces.ts";
import { recomputeCheaply } from "./recompute.ts";
import { sumsRows } from "./space.ts";
import { viewOf } from "./view.ts";

/** One thing for an engine to run: an operation of the graph, or a kernel that computes several at once. */
export type Step =
  | { readonly kind: "operation"; readonly node: Node }
  | { readonly kind: "kernel"; readonly kernel: Kernel };

/** Operations that the engine computes in several passes over memory. */
const slowAlone: ReadonlySet<string> = new Set(["elu", "expm1", "log1p", "mod", "floorDiv", "softplus", "rsqrt"]);

/** Whether a kernel saves a pass over memory against one call of the engine for each member. */
function isWorthwhile({ members }: Cluster, summed: ReadonlySet<Node>): boolean {
  if (members.size > 1) return true;
  const [node] = members.keys();
  return node !== undefined && (slowAlone.has(node.operation) || summed.has(node));
}

/**
 * Turns a graph into the steps that an engine with native kernels runs, in an order in which they can run. Chains of
 * elementwise operations and row reductions become kernels, which read through slices, transposes and broadcasts
 * without a copy, write through transposes, and write the parts of a concatenation in their places; everything else
 * stays an operation.
 */
export function fuse(graph: Graph): Step[] {
  const clusters = clusterGraph(graph);
  const owner = new Map<Node, Cluster>();
  for (const cluster of clusters) for (const member of cluster.members.keys()) owner.set(member, cluster);
  recomputeCheaply(graph, clusters, owner);
  const summed = new Set(graph.nodes.filter(sumsRows).map((node) => node.inputs[0] as Node));
  for (const [node, cluster] of owner) if (!isWorthwhile(cluster, summed)) owner.delete(node);

  const outputs = new Map<Cluster, KernelOutput[]>();
  const operations = new Set<Node>();
  const copies: Kernel[] = [];
  const results = new Set(graph.outputs);
  const wholes: Whole[] = [];
  const known = new Set<Node>();
  const queue = [...graph.outputs];

  const write = (cluster: Cluster, output: KernelOutput): void => {
    const written = outputs.get(cluster);
    if (written) {
      written.push(output);
      return;
    }
    outputs.set(cluster, [output]);
    queue.push(...operandsOf(cluster));
  };

  const copy = (kernel: Kernel): void => {
    copies.push(kernel);
    queue.push(...kernel.inputs, ...kernel.after);
  };
  /** The kernel that computes a value for every row and column. */
  const computes = (value: Node): Cluster | undefined => {
    const cluster = owner.get(value);
    return cluster?.members.get(value) === "full" && value.shape.at(-1) === cluster.columns ? cluster : undefined;
  };

  for (let node = queue.pop(); node; node = queue.pop()) {
    if (known.has(node)) continue;
    known.add(node);
    const own = owner.get(node);
    if (own) {
      write(own, { kind: "value", node, shape: node.shape });
      continue;
    }
    const input = node.inputs[0];
    const producer = input && computes(input);
    if (producer && sumsRows(node)) {
      write(producer, { kind: "rowSums", node, value: input, shape: rowSumShape(producer) });
      continue;
    }
    const { base } = viewOf(node);
    const source = base === node ? undefined : owner.get(base);
    if (
      source?.members.get(base) === "full" &&
      node.operation === "transpose" &&
      layoutOf(node, base, source.columns)
    ) {
      write(source, { kind: "layout", node, value: base, shape: node.shape });
      continue;
    }
    // What the caller gets lies in the caller's memory, which a kernel cannot hand on.
    const pieces =
      node.operation === "concat" && !results.has(node) ? piecesOf(node, (value) => computes(value) !== undefined) : [];
    if (pieces.length > 0) {
      const states: Node[] = [];
      const writers = new Set<Cluster>();
      for (const piece of pieces) {
        const state = { ...node, id: piece.value.id };
        const output: PieceOutput = { kind: "piece", node: state, shape: node.shape, ...piece };
        const cluster = computes(piece.value);
        // One kernel cannot write into what it has not written yet.
        if (cluster && !writers.has(cluster)) write(cluster, output);
        else copy(copyPiece(output));
        if (cluster) writers.add(cluster);
        states.push(state);
      }
      wholes.push({ kind: "whole", node, states });
      continue;
    }
    const copied = copyKernel(node);
    if (copied) copy(copied);
    else {
      operations.add(node);
      queue.push(...node.inputs);
    }
  }
  const kernels = [...[...outputs].map(([cluster, written]) => buildKernel(cluster, written)), ...copies];
  const steps = inOrder([
    ...[...operations].map((node) => task({ kind: "operation", node })),
    ...kernels.map((kernel) => task({ kind: "kernel", kernel })),
    ...wholes.map(task),
  ]).flatMap(({ step }) => (step.kind === "whole" ? [] : [step]));
  const chained = chainPieces(steps.flatMap((step) => (step.kind === "kernel" ? [step.kernel] : [])));
  return steps.map((step) =>
    step.kind === "kernel" ? { kind: "kernel", kernel: chained.get(step.kernel) as Kernel } : step,
  );
}

/** A tensor that is there when all of its pieces are: nothing is left to do. */
interface Whole {
  readonly kind: "whole";
  readonly node: Node;
  /** The tensor as each of its pieces leaves it. */
  readonly states: readonly Node[];
}

function task(step: Step | Whole) {
  if (step.kind === "kernel") {
    const makes = step.kernel.outputs.map(({ node }) => node);
    return { step, makes, needs: inputsOf(step), due: Math.min(...makes.map(({ id }) => id)) };
  }
  const needs = step.kind === "whole" ? step.states : step.node.inputs;
  return { step, makes: [step.node], needs, due: step.node.id };
}

/** What must be in memory before a step runs. */
export function inputsOf(step: Step): readonly Node[] {
  if (step.kind === "operation") return step.node.inputs;
  const { inputs, after, outputs } = step.kernel;
  return [...inputs, ...writtenOnto(outputs), ...after];
}

/** The tensors in memory that a cluster reads or waits for. */
export function operandsOf({ members }: Cluster): Set<Node> {
  const operands = new Set<Node>();
  for (const member of members.keys()) {
    for (const input of member.inputs) {
      if (members.has(input) || input.operation === "full") continue;
      const { base, after } = viewOf(input);
      for (const node of [base, ...after]) operands.add(node);
    }
  }
  return operands;
}
