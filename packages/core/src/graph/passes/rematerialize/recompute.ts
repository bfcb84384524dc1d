import { type Graph, GraphBuilder, type Node } from "../../graph.ts";
import { bufferOf, bytesOf, isGiven } from "../../memory.ts";
import type { Halves } from "./halves.ts";

/** How far back a node is looked for that is alive and recent. */
const horizon = 256;

/** Builds the program in which late nodes read copies of early values. */
class Recomputation {
  readonly builder = new GraphBuilder();
  readonly #originals = new Map<Node, Node>();
  readonly #copies = new Map<Node, Node>();
  /** Stored values that copies are made from, behind their barriers. */
  readonly #lateViews = new Map<Node, Node>();

  constructor(
    readonly halves: Halves,
    readonly stored: ReadonlySet<Node>,
  ) {}

  run(): Graph {
    const { graph, turn } = this.halves;
    for (const [at, node] of graph.nodes.entries()) {
      const milestone = at > turn && node.inputs.some((x) => this.#isGone(x)) ? this.#milestone(node, at) : undefined;
      // With nothing to wait for, this is next to the turning point, where all is in memory still.
      const inputs = node.inputs.map((x) =>
        milestone && this.#isGone(x) ? this.#copy(x, milestone) : this.#original(x),
      );
      this.#originals.set(node, this.builder.add(node.operation, inputs, node.attributes));
    }
    return this.builder.build(graph.outputs.map((output) => this.#original(output)));
  }

  #original(node: Node): Node {
    return this.#originals.get(node) as Node;
  }

  #isEarly(node: Node): boolean {
    return (this.halves.position.get(node) as number) <= this.halves.turn;
  }

  /** Whether a value is no longer there for late nodes to read. */
  #isGone(node: Node): boolean {
    const buffer = bufferOf(node);
    return this.#isEarly(node) && !isGiven(buffer) && !this.stored.has(buffer);
  }

  /** What a recomputation for `reader` waits for: its own other operand, or else the latest late value in memory. */
  #milestone(reader: Node, at: number): Node | undefined {
    const { graph, turn, lastUse, results } = this.halves;
    const partners = reader.inputs.filter((x) => !this.#isEarly(x) && !isGiven(bufferOf(x)));
    if (partners.length > 0) return partners.reduce((a, b) => (b.id > a.id ? b : a));
    for (let i = at - 1; i > Math.max(turn, at - horizon); i--) {
      const buffer = bufferOf(graph.nodes[i] as Node);
      const isAlive = !isGiven(buffer) && !results.has(buffer) && (lastUse.get(buffer) ?? -1) >= at;
      if (isAlive && !this.#isEarly(buffer)) return graph.nodes[i];
    }
    return undefined;
  }

  #copy(node: Node, milestone: Node): Node {
    const known = this.#copies.get(node);
    if (known) return known;
    const copied = node.inputs.map((x) => (this.#isGone(x) ? this.#copy(x, milestone) : undefined));
    // One operand that waits is enough: the largest, which is no weight.
    const isLate = copied.some(Boolean) || node.inputs.some((x) => this.#lateViews.has(x));
    if (!isLate)
      this.#delay(
        node.inputs.reduce((a, b) => (bytesOf(b) > bytesOf(a) ? b : a)),
        milestone,
      );
    const inputs = node.inputs.map((x, i) => copied[i] ?? this.#lateViews.get(x) ?? this.#original(x));
    const made = this.builder.add(node.operation, inputs, node.attributes);
    this.#copies.set(node, made);
    return made;
  }

  #delay(value: Node, milestone: Node): void {
    this.#lateViews.set(value, this.builder.add("barrier", [this.#original(value), this.#original(milestone)], {}));
  }
}

/**
 * Rebuilds a program so that late nodes read copies of those early values that are not stored. A copy is made right
 * before its first reader, from stored values behind a barrier, so that it is neither the early value again nor computed
 * before the late node next to it.
 */
export function recomputeLate(halves: Halves, stored: ReadonlySet<Node>): Graph {
  return new Recomputation(halves, stored).run();
}
