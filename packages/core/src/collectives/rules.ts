import type { CollectiveOperation } from "../graph/collectives.ts";
import type { GraphBuilder } from "../graph/graph.ts";
import type { Attributes } from "../graph/operations.ts";
import { listOf, type Rule, type Rules, required } from "../trace/rule.ts";
import type { CollectiveKernel, RankGroup } from "./kernels.ts";

/** Collectives recorded so far in each program that is being recorded. */
const recorded = new WeakMap<GraphBuilder, number>();

/** All ranks record the same collectives in the same order, so their count is the same channel everywhere. */
function nextChannel(builder: GraphBuilder): number {
  const channel = recorded.get(builder) ?? 0;
  recorded.set(builder, channel + 1);
  return channel;
}

/** Records a kernel as an operation that has the kernel's attributes, with the group spelled out. */
function record(operation: CollectiveOperation): Rule {
  return ({ builder }, inputs, attributes) => {
    const { group, ...own } = attributes as { readonly group: RankGroup };
    const { over, ranks, position } = group;
    const all = { over, ranks, position, channel: nextChannel(builder), ...own };
    return builder.add(operation, [required(inputs, "x")], all as unknown as Attributes[CollectiveOperation]);
  };
}

/** How collectives are recorded, and what keeps them from starting early. */
export const collectiveRules: Rules = {
  Barrier: ({ builder }, inputs) => builder.add("barrier", listOf(inputs), {}),
  AllGather: record("allGather"),
  ReduceScatter: record("reduceScatter"),
  AllReduce: record("allReduce"),
  CollectivePermute: record("collectivePermute"),
  CollectiveBroadcast: record("collectiveBroadcast"),
  CollectiveReduce: record("collectiveReduce"),
  AllToAll: record("allToAll"),
} satisfies { readonly [K in CollectiveKernel | "Barrier"]: Rule };
