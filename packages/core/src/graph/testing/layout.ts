import type { Node } from "../graph.ts";
import { at, atBroadcast, forEachIndex, positionOf, tabulate, type Value } from "./value.ts";

/** Operations that only say for each element of the result which element of the operand it is. */
export type LayoutOperation = "transpose" | "broadcast" | "slice" | "reverse" | "tile" | "gather" | "gatherNd";

function sourceOf(
  node: Node<LayoutOperation>,
  x: Value,
  indices: Value | undefined,
  index: readonly number[],
): number[] {
  switch (node.operation) {
    case "transpose": {
      const source: number[] = [];
      node.attributes.permutation.forEach((axis, i) => {
        source[axis] = index[i] as number;
      });
      return source;
    }
    case "broadcast":
      return x.shape.map((size, axis) => (size === 1 ? 0 : (index[axis + index.length - x.shape.length] as number)));
    case "slice": {
      const { begin, strides } = node.attributes;
      return index.map((i, axis) => (begin[axis] as number) + i * (strides[axis] as number));
    }
    case "reverse":
      return index.map((i, axis) => (node.attributes.axes.includes(axis) ? (x.shape[axis] as number) - 1 - i : i));
    case "tile":
      return index.map((i, axis) => i % (x.shape[axis] as number));
    case "gather": {
      const { axis } = node.attributes;
      const rank = (indices as Value).shape.length;
      const picked = at(indices as Value, index.slice(axis, axis + rank));
      return [...index.slice(0, axis), picked, ...index.slice(axis + rank)];
    }
    case "gatherNd": {
      const { shape } = indices as Value;
      const depth = shape.at(-1) as number;
      const lead = index.slice(0, shape.length - 1);
      const coordinates = Array.from({ length: depth }, (_, i) => at(indices as Value, [...lead, i]));
      return [...coordinates, ...index.slice(shape.length - 1)];
    }
    default:
      return node satisfies never;
  }
}

/** Rearranges, repeats or picks elements. @throws RangeError when computed indices lie outside the operand. */
export function rearrange(node: Node<LayoutOperation>, x: Value, indices?: Value): Value {
  return tabulate(node.dtype, node.shape, (index) => at(x, sourceOf(node, x, indices, index)));
}

/** The operand inside a border of one value. */
export function pad(node: Node<"pad">, x: Value): Value {
  const { before, value } = node.attributes;
  return tabulate(node.dtype, node.shape, (index) => {
    const inside = index.map((i, axis) => i - (before[axis] as number));
    return inside.every((i, axis) => i >= 0 && i < (x.shape[axis] as number)) ? at(x, inside) : value;
  });
}

/** Parts one after the other along an axis. */
export function concat(node: Node<"concat">, parts: readonly Value[]): Value {
  const { axis } = node.attributes;
  return tabulate(node.dtype, node.shape, (index) => {
    let i = index[axis] as number;
    for (const part of parts) {
      const size = part.shape[axis] as number;
      if (i < size) return at(part, [...index.slice(0, axis), i, ...index.slice(axis + 1)]);
      i -= size;
    }
    throw new Error("internal: the parts of a concatenation are shorter than their sum");
  });
}

/** Adds updates at coordinates into zeros, in order. */
export function scatterNd(node: Node<"scatterNd">, indices: Value, updates: Value): Value {
  const result = tabulate(node.dtype, node.shape, () => 0);
  const lead = indices.shape.length - 1;
  const depth = indices.shape[lead] as number;
  forEachIndex(updates.shape, (index, position) => {
    const coordinates = Array.from({ length: depth }, (_, i) => at(indices, [...index.slice(0, lead), i]));
    const target = positionOf(node.shape, [...coordinates, ...index.slice(lead)]);
    result.data[target] = (result.data[target] as number) + (updates.data[position] as number);
  });
  return result;
}

/** Picks from one of two where a condition holds or not; all three broadcast. */
export function select(node: Node<"select">, condition: Value, a: Value, b: Value): Value {
  return tabulate(node.dtype, node.shape, (index) => atBroadcast(atBroadcast(condition, index) !== 0 ? a : b, index));
}
