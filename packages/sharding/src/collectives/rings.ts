import { type DataOf, type DType, newData } from "@vitscale/core";
import type { Exchange } from "./exchange.ts";
import type { Wire } from "./wire.ts";

/** Takes a second operand into the first, element by element. */
export type Reduce = (into: DataOf, other: DataOf) => void;

export const addTo: Reduce = (into, other) => {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + (other[i] as number);
};

export const maximumOf: Reduce = (into, other) => {
  for (let i = 0; i < into.length; i++) {
    const [own, value] = [into[i] as number, other[i] as number];
    // NaN wins, whichever of the two it is, as in the reductions of a program.
    if (value > own || Number.isNaN(value)) into[i] = value;
  }
};

const around = (position: number, count: number) => ((position % count) + count) % count;

/**
 * All-gather on a ring: `parts[p]` is there at position p, and everywhere at the end. Every hop hands on what came at the hop
 * before, so each rank sends all parts but one: (k − 1) messages.
 */
export function* ringGather(wire: Wire, parts: readonly DataOf[]): Exchange<void> {
  const { count, position } = wire;
  for (let hop = 0; hop < count - 1; hop++) {
    const [out, into] = [around(position - hop, count), around(position - hop - 1, count)];
    yield [
      wire.send(around(position + 1, count), `gather hop ${hop}`, parts[out] as DataOf),
      wire.receive(around(position - 1, count), `gather hop ${hop}`, parts[into] as DataOf),
    ];
  }
}

/**
 * Reduce-scatter on a ring: returns the reduction of part p over all ranks, at position p. The sum for rank j starts at
 * rank j + 1 and comes round the ring, each rank adding its own part: (k − 1) messages, and one order of additions for each
 * part, whoever adds.
 */
export function* ringReduce(wire: Wire, dtype: DType, parts: readonly DataOf[], reduce: Reduce): Exchange<DataOf> {
  const { count, position } = wire;
  const longest = Math.max(...parts.map(({ length }) => length));
  // One arrives while the other is sent.
  const memory = [newData(dtype, longest), newData(dtype, longest)] as const;
  let partial = parts[around(position - 1, count)] as DataOf;
  for (let hop = 1; hop < count; hop++) {
    const own = parts[around(position - 1 - hop, count)] as DataOf;
    const arrived = (memory[hop % 2] as DataOf).subarray(0, own.length);
    yield [
      wire.send(around(position + 1, count), `reduce hop ${hop}`, partial),
      wire.receive(around(position - 1, count), `reduce hop ${hop}`, arrived),
    ];
    reduce(arrived, own);
    partial = arrived;
  }
  return partial;
}
