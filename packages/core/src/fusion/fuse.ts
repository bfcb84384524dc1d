import type { Graph, Node } from "../graph/graph.ts";
import { type Cluster, clusterGraph } from "./cluster.ts";
import { buildKernel, copyKernel, type Kernel, type KernelOutput, layoutOf, rowSumShape } from "./kernel.ts";
import { recomputeCheaply } from "./recompute.ts";
import { sumsRows } from "./space.ts";
import { viewOf } from "./view.ts";

/** One thing for an engine to run: an operation of the graph, or a kernel that computes several at once. */
export type Step =
  | { readonly kind: "operation"; readonly node: Node }
  | { readonly kind: "kernel"; readonly kernel: Kernel };

const slowAlone: ReadonlySet<string> = new Set(["expm1", "log1p", "mod", "floorDiv", "softplus", "rsqrt"]);

/** Whether a kernel saves a pass over memory against one call of the engine for each member. */
function isWorthwhile({ members }: Cluster, summed: ReadonlySet<Node>): boolean {
  if (members.size > 1) return true;
  const [node] = members.keys();
  return node !== undefined && (slowAlone.has(node.operation) || summed.has(node));
}

/**
 * Turns a graph into the steps that an engine with native kernels runs, in an order in which they can run. Chains of
 * elementwise operations and row reductions become kernels, which read through slices, transposes and broadcasts
 * without a copy, and write through transposes; everything else stays an operation.
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

  for (let node = queue.pop(); node; node = queue.pop()) {
    if (known.has(node)) continue;
    known.add(node);
    const own = owner.get(node);
    if (own) {
      write(own, { kind: "value", node, shape: node.shape });
      continue;
    }
    const input = node.inputs[0];
    const producer = input && owner.get(input);
    if (
      input &&
      producer &&
      sumsRows(node) &&
      producer.members.get(input) === "full" &&
      input.shape.at(-1) === producer.columns
    ) {
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
    const copy = copyKernel(node);
    if (copy) copies.push(copy);
    else operations.add(node);
    queue.push(...(copy ? [...copy.inputs, ...copy.after] : node.inputs));
  }
  return ordered(
    [...operations].map((node) => ({ kind: "operation", node })),
    [...[...outputs].map(([cluster, written]) => buildKernel(cluster, written)), ...copies].map((kernel) => ({
      kind: "kernel",
      kernel,
    })),
  );
}

/** What must be in memory before a step runs. */
export function inputsOf(step: Step): readonly Node[] {
  return step.kind === "operation" ? step.node.inputs : [...step.kernel.inputs, ...step.kernel.after];
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

/** Steps in dependency order, otherwise in that of the graph. */
function ordered(operations: readonly Step[], kernels: readonly Step[]): Step[] {
  const steps = [...operations, ...kernels];
  const made = new Map<Node, number>();
  const reads = steps.map((step, i) => {
    const results = step.kind === "operation" ? [step.node] : step.kernel.outputs.map(({ node }) => node);
    for (const result of results) made.set(result, i);
    return inputsOf(step);
  });
  // The time at which a step is due: when the last of what it makes was made in the recording.
  const due = steps.map((step) =>
    step.kind === "operation" ? step.node.id : Math.min(...step.kernel.outputs.map(({ node }) => node.id)),
  );
  const isDone = new Array<boolean>(steps.length).fill(false);
  const result: Step[] = [];
  const visit = (start: number): void => {
    const stack = [start];
    while (stack.length > 0) {
      const at = stack.at(-1) as number;
      const waiting = isDone[at]
        ? []
        : (reads[at] ?? []).flatMap((node) => made.get(node) ?? []).filter((step) => !isDone[step]);
      if (waiting.length > 0) stack.push(...waiting);
      else {
        stack.pop();
        if (!isDone[at]) result.push(steps[at] as Step);
        isDone[at] = true;
      }
    }
  };
  for (const step of [...steps.keys()].sort((a, b) => (due[a] as number) - (due[b] as number))) visit(step);
  return result;
}
