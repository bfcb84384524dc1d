import { type DataOf, type DType, newData } from "@vitscale/core";
import type { Exchange } from "./exchange.ts";
import { addTo } from "./rings.ts";
import type { Wire } from "./wire.ts";

/** The binomial tree over k positions with `root` first: a node's parent differs from it in its lowest set bit. */
export function treeOf({ count, position }: Pick<Wire, "count" | "position">, root: number) {
  const place = (position - root + count) % count;
  const at = (node: number) => (node + root) % count;
  const lowest = place === 0 ? 2 ** Math.ceil(Math.log2(count)) : place & -place;
  const children: number[] = [];
  for (let bit = 1; bit < lowest; bit *= 2) if (place + bit < count) children.push(at(place + bit));
  return { parent: place === 0 ? undefined : at(place - lowest), children };
}

/** The root's data on every rank, after ⌈log₂ k⌉ hops at most. */
export function* treeBroadcast(wire: Wire, data: DataOf, dtype: DType, root: number): Exchange<DataOf> {
  const { parent, children } = treeOf(wire, root);
  const value = parent === undefined ? data : newData(dtype, data.length);
  if (parent !== undefined) yield [wire.receive(parent, "broadcast", value)];
  // The largest subtree first.
  yield children.toReversed().map((child) => wire.send(child, "broadcast", value));
  return value;
}

/** The sum on the root, zeros on the others. */
export function* treeReduce(wire: Wire, data: DataOf, dtype: DType, root: number): Exchange<DataOf> {
  const { parent, children } = treeOf(wire, root);
  const sum = data.slice();
  for (const child of children) {
    const part = newData(dtype, data.length);
    yield [wire.receive(child, "reduce", part)];
    addTo(sum, part);
  }
  if (parent === undefined) return sum;
  yield [wire.send(parent, "reduce", sum)];
  return newData(dtype, data.length);
}
