import * as tf from "@tensorflow/tfjs-core";
import type { Graph, Node } from "../../graph/graph.ts";

/** Tensors of one run. A value is disposed of as soon as nothing will read it any more. */
export class LiveValues {
  readonly #tensors = new Map<Node, tf.Tensor>();
  readonly #readsLeft: Map<Node, number>;

  constructor(reads: ReadonlyMap<Node, number>) {
    this.#readsLeft = new Map(reads);
  }

  set(node: Node, tensor: tf.Tensor): void {
    // No tidy that happens to be open around the run may dispose of it.
    this.#tensors.set(node, tf.keep(tensor));
    if ((this.#readsLeft.get(node) ?? 0) === 0) this.#free(node);
  }

  get(node: Node): tf.Tensor {
    return this.#tensors.get(node) as tf.Tensor;
  }

  of(nodes: readonly Node[]): tf.Tensor[] {
    return nodes.map((node) => this.get(node));
  }

  /** Counts one reading of a value. */
  wasRead(node: Node): void {
    const left = (this.#readsLeft.get(node) as number) - 1;
    this.#readsLeft.set(node, left);
    if (left === 0) this.#free(node);
  }

  /** Disposes of what is left. */
  free(): void {
    for (const node of [...this.#tensors.keys()]) this.#free(node);
  }

  #free(node: Node): void {
    this.get(node).dispose();
    this.#tensors.delete(node);
  }
}

/** How often each value is read: once for each operand that it is, and once for each output. */
export function countReads(graph: Graph): ReadonlyMap<Node, number> {
  const reads = new Map<Node, number>();
  const count = (node: Node) => reads.set(node, (reads.get(node) ?? 0) + 1);
  for (const node of graph.nodes) node.inputs.forEach(count);
  graph.outputs.forEach(count);
  return reads;
}
