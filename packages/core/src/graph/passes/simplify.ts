import type { Graph, Node } from "../graph.ts";
import { sameShape } from "../shapes.ts";
import { simplifyAlgebra } from "./algebra.ts";
import { type Evaluate, foldConstants } from "./fold-constants.ts";
import type { Pass } from "./rules.ts";
import { simplifySoleReaders } from "./sole-readers.ts";

/** What one run of one pass did. */
export interface PassReport {
  readonly pass: string;
  readonly nodesBefore: number;
  readonly nodesAfter: number;
  readonly milliseconds: number;
}

export interface SimplifyOptions {
  /** Computes operations on constants; without it only what is one number everywhere is folded. */
  readonly evaluate?: Evaluate | undefined;
  /** Called after every pass. */
  readonly onPass?: ((report: PassReport) => void) | undefined;
}

/** Rounds of all passes, at most; in practice the second or third changes nothing more. */
const maximumRounds = 4;

/** Whether two graphs are the same program, node by node. */
function isSameProgram(a: Graph, b: Graph): boolean {
  if (a === b) return true;
  if (a.nodes.length !== b.nodes.length || a.outputs.length !== b.outputs.length) return false;
  const twin = new Map<Node, Node>();
  const isTwin = (x: Node, y: Node) => twin.get(x) === y;
  for (const [i, x] of a.nodes.entries()) {
    const y = b.nodes[i] as Node;
    const isSame =
      x.operation === y.operation &&
      sameShape(x.shape, y.shape) &&
      x.inputs.length === y.inputs.length &&
      x.inputs.every((input, k) => isTwin(input, y.inputs[k] as Node));
    if (!isSame) return false;
    twin.set(x, y);
  }
  return a.outputs.every((output, i) => isTwin(output, b.outputs[i] as Node));
}

/**
 * The standard pipeline: identities, constants, what sole readers allow, until nothing changes. Common subexpressions
 * and unread values vanish on the way, since builders never make the former and drop the latter.
 *
 * Results may differ from those of the given graph by rounding where sums and products were reassociated, and where
 * constants were computed on the host; which pass may change which numbers is said at each.
 */
export function simplify(graph: Graph, { evaluate, onPass }: SimplifyOptions = {}): Graph {
  const apply = (pass: string, run: Pass, before: Graph): Graph => {
    const start = performance.now();
    const after = run(before);
    const milliseconds = performance.now() - start;
    onPass?.({ pass, nodesBefore: before.nodes.length, nodesAfter: after.nodes.length, milliseconds });
    return after;
  };
  let current = graph;
  for (let round = 0; round < maximumRounds; round++) {
    // One sweep of identities leaves none that applies, until another pass brings some.
    const plain = apply("algebra", simplifyAlgebra, current);
    const folded = evaluate ? apply("constants", (g) => foldConstants(g, evaluate), plain) : plain;
    current = apply("sole readers", simplifySoleReaders, folded);
    if (isSameProgram(plain, current)) break;
  }
  return current;
}
