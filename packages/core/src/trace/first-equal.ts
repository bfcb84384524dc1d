import type { Emitter } from "../graph/emit.ts";
import type { Node } from "../graph/graph.ts";

/** For each candidate, in order, whether it equals the target where none before it did. */
export function firstEqual(emit: Emitter, candidates: readonly Node[], target: Node): Node[] {
  let isTaken: Node | undefined;
  return candidates.map((candidate) => {
    const equals = emit.binary("equal", candidate, target);
    const isFirst = isTaken ? emit.binary("and", equals, emit.unary("not", isTaken)) : equals;
    isTaken = isTaken ? emit.binary("or", isTaken, equals) : equals;
    return isFirst;
  });
}
