import { bytesPerElement, sizeOf } from "../host-tensor.ts";
import type { Graph, Node } from "./graph.ts";

/** Bytes of a dense tensor of a node's type. */
export function bytesOf({ dtype, shape }: Node): number {
  return sizeOf(shape) * bytesPerElement(dtype);
}

/** The node whose memory a value lies in: reshapes and barriers look at what they are given. */
export function bufferOf(node: Node): Node {
  let buffer = node;
  while (buffer.operation === "reshape" || buffer.operation === "barrier") buffer = buffer.inputs[0] as Node;
  return buffer;
}

/** Whether a value lies in memory before the program starts. */
export function isGiven({ operation }: Node): boolean {
  return operation === "input" || operation === "constant" || operation === "full";
}

/** Memory that a program needs when it runs in the order of its nodes, in bytes. */
export interface MemoryEstimate {
  readonly inputs: number;
  readonly constants: number;
  /** Of outputs that are not inputs or constants themselves. */
  readonly outputs: number;
  /** Intermediate values that are alive at once, at most; outputs are not counted again. */
  readonly peak: number;
  /** The position in the graph of the node during which that is. */
  readonly peakAt: number;
  /** Intermediate bytes alive while each node of the graph is computed. */
  readonly timeline: Float64Array;
}

/**
 * Estimates memory by liveness: a value is alive from its own computation to that of its last reader, and every
 * operation needs its operands and its result at once. Engines that fuse operations or write in place need less.
 */
export function estimateMemory(graph: Graph): MemoryEstimate {
  const outputs = new Set(graph.outputs.map(bufferOf));
  const position = new Map(graph.nodes.map((node, i) => [node, i]));
  const lastUse = new Map<Node, number>();
  for (const [i, node] of graph.nodes.entries()) {
    lastUse.set(bufferOf(node), i);
    for (const input of node.inputs) lastUse.set(bufferOf(input), i);
  }

  const timeline = new Float64Array(graph.nodes.length + 1);
  const total = { inputs: 0, constants: 0, outputs: 0 };
  for (const [buffer, last] of lastUse) {
    const bytes = bytesOf(buffer);
    if (buffer.operation === "input") total.inputs += bytes;
    else if (isGiven(buffer)) total.constants += bytes;
    else if (outputs.has(buffer)) total.outputs += bytes;
    else {
      const first = position.get(buffer) as number;
      timeline[first] = (timeline[first] as number) + bytes;
      timeline[last + 1] = (timeline[last + 1] as number) - bytes;
    }
  }
  let peakAt = 0;
  for (let i = 1; i < graph.nodes.length; i++) {
    timeline[i] = (timeline[i] as number) + (timeline[i - 1] as number);
    if ((timeline[i] as number) > (timeline[peakAt] as number)) peakAt = i;
  }
  return { ...total, peak: timeline[peakAt] ?? 0, peakAt, timeline: timeline.subarray(0, graph.nodes.length) };
}
