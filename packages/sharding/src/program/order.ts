import { graph } from "@vitscale/core";

/** When a value can be computed, and when it is needed. */
export interface Times {
  /** Transfers that must be over before it can be computed: the most on any path to it. */
  readonly level: number;
  /** Position, among the transfers, of the first that needs it, directly or not; infinite if none does. */
  readonly due: number;
}

/**
 * The times of every value of a program. Along an edge neither ever falls, and across a transfer the level rises, so values
 * of equal times can be computed together.
 */
export function timesOf({ nodes }: graph.Graph): ReadonlyMap<graph.Node, Times> {
  const levels = new Map<graph.Node, number>();
  for (const node of nodes) {
    const before = node.inputs.map((input) => (levels.get(input) ?? 0) + (graph.isCollective(input.operation) ? 1 : 0));
    levels.set(node, Math.max(0, ...before));
  }
  const transfers = new Map(nodes.filter(({ operation }) => graph.isCollective(operation)).map((node, i) => [node, i]));
  const dues = new Map<graph.Node, number>();
  for (const node of nodes.toReversed()) {
    const due = transfers.get(node) ?? dues.get(node) ?? Number.POSITIVE_INFINITY;
    for (const input of node.inputs) dues.set(input, Math.min(dues.get(input) ?? Number.POSITIVE_INFINITY, due));
  }
  return new Map(
    nodes.map((node) => [node, { level: levels.get(node) ?? 0, due: dues.get(node) ?? Number.POSITIVE_INFINITY }]),
  );
}
