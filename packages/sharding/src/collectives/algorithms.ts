import { type DataOf, type DType, type graph, newData } from "@vitscale/core";
import { cut, join, partsOf } from "./blocks.ts";
import type { Exchange } from "./exchange.ts";
import { addTo, maximumOf, ringGather, ringReduce } from "./rings.ts";
import { treeBroadcast, treeReduce } from "./trees.ts";
import type { Wire } from "./wire.ts";

/** An operation with its attributes, as a node of a program has them. */
export type Collective = {
  readonly [O in graph.CollectiveOperation]: {
    readonly operation: O;
    readonly attributes: graph.CollectiveAttributes[O];
  };
}[graph.CollectiveOperation];

/** A tensor that takes part. */
export interface Operand extends graph.TensorType {
  readonly data: DataOf;
}

/** All-reduces of at most so many bytes go to everybody at once: one hop instead of 2(k − 1), for more bytes. */
export const directBytes = 16_384;

/**
 * What one rank does in a collective. Returns the elements of its result, row-major; the operand is not written to, and
 * may be (part of) the result.
 *
 * @param into memory of the size of the result, which is written to and returned where that saves a copy
 */
export function* carryOut(
  collective: Collective,
  { dtype, shape, data }: Operand,
  wire: Wire,
  into?: DataOf,
): Exchange<DataOf> {
  const { count, position } = wire;
  const { operation, attributes } = collective;
  switch (operation) {
    case "allGather": {
      const { axis } = attributes;
      const blocks = into ?? newData(dtype, data.length * count);
      const parts = partsOf(blocks, count);
      (parts[position] as DataOf).set(data);
      yield* ringGather(wire, parts);
      const gathered = shape.with(axis, (shape[axis] as number) * count);
      return join(blocks, dtype, gathered, axis, count);
    }
    case "reduceScatter":
      return yield* ringReduce(wire, dtype, cut(data, dtype, shape, attributes.axis, count), addTo);
    case "allReduce": {
      const reduce = attributes.reduction === "sum" ? addTo : maximumOf;
      if (data.byteLength <= directBytes) return yield* reduceDirectly(wire, dtype, data, reduce);
      const result = into ?? newData(dtype, data.length);
      const parts = partsOf(result, count);
      (parts[position] as DataOf).set(yield* ringReduce(wire, dtype, partsOf(data, count), reduce));
      yield* ringGather(wire, parts);
      return result;
    }
    case "collectivePermute": {
      const target = attributes.pairs.find(([source]) => source === position)?.[1];
      const source = attributes.pairs.find(([, to]) => to === position)?.[0];
      if (source === position) return data;
      const arrived = into ?? newData(dtype, data.length);
      if (source === undefined) arrived.fill(0);
      yield [
        ...(target === undefined ? [] : [wire.send(target, "permute", data)]),
        ...(source === undefined ? [] : [wire.receive(source, "permute", arrived)]),
      ];
      return arrived;
    }
    case "collectiveBroadcast":
      return yield* treeBroadcast(wire, data, dtype, attributes.root);
    case "collectiveReduce":
      return yield* treeReduce(wire, data, dtype, attributes.root);
    case "allToAll": {
      const { split, concat } = attributes;
      const parts = cut(data, dtype, shape, split, count);
      const blocks = into ?? newData(dtype, data.length);
      const arrived = partsOf(blocks, count);
      (arrived[position] as DataOf).set(parts[position] as DataOf);
      yield others(wire).flatMap((peer) => [
        wire.send(peer, "part", parts[peer] as DataOf),
        wire.receive(peer, "part", arrived[peer] as DataOf),
      ]);
      const part = shape.with(split, (shape[split] as number) / count);
      return join(blocks, dtype, part.with(concat, (part[concat] as number) * count), concat, count);
    }
    default:
      return operation satisfies never;
  }
}

/** All-reduce in one hop: everybody tells everybody, and all reduce in the order of positions, to the same bits. */
function* reduceDirectly(wire: Wire, dtype: DType, data: DataOf, reduce: typeof addTo): Exchange<DataOf> {
  const operands = Array.from({ length: wire.count }, (_, position) =>
    position === wire.position ? data : newData(dtype, data.length),
  );
  yield others(wire).flatMap((peer) => [
    wire.send(peer, "whole", data),
    wire.receive(peer, "whole", operands[peer] as DataOf),
  ]);
  const result = (operands[0] as DataOf).slice();
  for (const operand of operands.slice(1)) reduce(result, operand);
  return result;
}

/** The other positions, the next one round the ring first, so that not all begin with the same. */
function others({ count, position }: Wire): number[] {
  return Array.from({ length: count - 1 }, (_, i) => (position + 1 + i) % count);
}
