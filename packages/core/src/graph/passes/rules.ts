import { Emitter } from "../emit.ts";
import { type Graph, GraphBuilder, type Node, rewriteGraph } from "../graph.ts";
import type { Attributes, Operation } from "../operations.ts";
import { printType } from "../print.ts";
import { sameShape } from "../shapes.ts";

/** A rewrite of a whole program into one that computes the same. */
export type Pass = (graph: Graph) => Graph;

/**
 * A local rewrite: a value that equals the node's, in fewer or cheaper operations, or `undefined`. What a rule emits is
 * simplified by all rules in turn, so a rule states one step, and every rule must lead away from where it came from.
 */
export type Rule<O extends Operation = Operation> = (node: Node<O>, emit: Emitter) => Node | undefined;

/** Rules by the operation at their root, tried in order; those of `every` come before and apply to any operation. */
export type Rules = { readonly [O in Operation]?: readonly Rule<O>[] } & { readonly every?: readonly Rule[] };

/** Tables of rules as one, those of earlier tables first. */
export function mergeRules(...tables: readonly Rules[]): Rules {
  const merged: { [operation: string]: readonly Rule<never>[] } = {};
  for (const table of tables) {
    for (const [operation, rules] of Object.entries(table)) {
      merged[operation] = [...(merged[operation] ?? []), ...(rules as readonly Rule<never>[])];
    }
  }
  return merged as Rules;
}

/** One rule for several operations. */
export function rulesFor<O extends Operation>(operations: readonly O[], ...rules: readonly Rule<O>[]): Rules {
  return Object.fromEntries(operations.map((operation) => [operation, rules])) as Rules;
}

/** A builder whose nodes come out simplified: rules apply as nodes are added, also to what rules add. */
export class SimplifyingBuilder extends GraphBuilder {
  readonly emit = new Emitter(this);
  readonly #simplified = new Map<Node, Node>();

  constructor(readonly rules: Rules) {
    super();
  }

  override add<O extends Operation>(operation: O, inputs: readonly Node[], attributes: Attributes[O]): Node {
    const node = super.add(operation, inputs, attributes);
    const known = this.#simplified.get(node);
    if (known) return known;
    const simplified = this.#simplify(node);
    this.#simplified.set(node, simplified);
    return simplified;
  }

  #simplify(node: Node): Node {
    const own = this.rules[node.operation] as readonly Rule[] | undefined;
    return this.#firstOf(this.rules.every, node) ?? this.#firstOf(own, node) ?? node;
  }

  #firstOf(rules: readonly Rule[] = [], node: Node): Node | undefined {
    for (const rule of rules) {
      const replacement = rule(node, this.emit);
      if (!replacement || replacement === node) continue;
      if (replacement.dtype !== node.dtype || !sameShape(replacement.shape, node.shape)) {
        throw new Error(`internal: a rule for ${node.operation} made ${printType(replacement)} of ${printType(node)}`);
      }
      return replacement;
    }
    return undefined;
  }
}

/** The pass that applies rules everywhere, from inputs to outputs, until none applies. */
export function rewriteBy(rules: Rules): Pass {
  return (graph) => rewriteGraph(graph, () => undefined, new SimplifyingBuilder(rules));
}
