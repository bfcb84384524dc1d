import type { Node } from "../graph.ts";
import type { ReductionOperation } from "../operations.ts";
import { at, forEachIndex, keep, type Rounding, tabulate, type Value } from "./value.ts";

const reductions: Readonly<Record<ReductionOperation, { start: number; combine: (a: number, b: number) => number }>> = {
  reduceSum: { start: 0, combine: (a, b) => a + b },
  reduceProd: { start: 1, combine: (a, b) => a * b },
  reduceMax: { start: Number.NEGATIVE_INFINITY, combine: Math.max },
  reduceMin: { start: Number.POSITIVE_INFINITY, combine: Math.min },
};

/** Sum, product, maximum or minimum over axes. Integers wrap around as they add up, floats add up in double precision. */
export function reduce(node: Node<ReductionOperation>, x: Value): Value {
  const { axes, keepDims } = node.attributes;
  const { start, combine } = reductions[node.operation];
  const rest = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  return tabulate(node.dtype, node.shape, (index) => {
    const source = new Array<number>(x.shape.length).fill(0);
    for (const [i, axis] of rest.entries()) source[axis] = index[keepDims ? axis : i] as number;
    let result = start;
    const ranges = axes.map((axis) => x.shape[axis] as number);
    forEachIndex(ranges, (reduced) => {
      for (const [i, axis] of axes.entries()) source[axis] = reduced[i] as number;
      const combined =
        node.operation === "reduceProd" && node.dtype === "int32"
          ? Math.imul(result, at(x, source))
          : combine(result, at(x, source));
      result = node.dtype === "int32" ? keep(combined, "int32", "none") : combined;
    });
    return result;
  });
}

/** The elements of x along `axis` through the point `index` (whose own position on that axis does not count). */
function line(x: Value, axis: number, index: readonly number[]): number[] {
  return Array.from({ length: x.shape[axis] as number }, (_, i) =>
    at(x, [...index.slice(0, axis), i, ...index.slice(axis + 1)]),
  );
}

/** Index of the first largest or smallest element along an axis. */
export function argExtreme(node: Node<"argMax"> | Node<"argMin">, x: Value): Value {
  const { axis } = node.attributes;
  const isBetter = (a: number, b: number) => (node.operation === "argMax" ? a > b : a < b);
  return tabulate(node.dtype, node.shape, (index) => {
    const elements = line(x, axis, [...index.slice(0, axis), 0, ...index.slice(axis)]);
    return elements.reduce((best, element, i) => (isBetter(element, elements[best] as number) ? i : best), 0);
  });
}

/** Running sums along an axis, each rounded as it is kept. */
export function cumsum(node: Node<"cumsum">, x: Value, rounding: Rounding): Value {
  const { axis, exclusive, reverse } = node.attributes;
  return tabulate(node.dtype, node.shape, (index) => {
    const elements = line(x, axis, index);
    const end = index[axis] as number;
    const summed = elements.filter((_, i) => (reverse ? i > end : i < end) || (!exclusive && i === end));
    return summed.reduce((sum, element) => keep(sum + element, node.dtype, rounding), 0);
  });
}

/** The k largest of the last axis or their positions, largest first, the earlier of equal ones first. */
export function topK(node: Node<"topKValues"> | Node<"topKIndices">, x: Value): Value {
  return tabulate(node.dtype, node.shape, (index) => {
    const elements = line(x, x.shape.length - 1, index);
    const order = elements.map((_, i) => i).sort((i, j) => (elements[j] as number) - (elements[i] as number) || i - j);
    const chosen = order[index.at(-1) as number] as number;
    return node.operation === "topKIndices" ? chosen : (elements[chosen] as number);
  });
}

/** exp(x − max) / Σ exp(x − max) along the last axis. */
export function softmax(node: Node<"softmax">, x: Value): Value {
  return tabulate(node.dtype, node.shape, (index) => {
    const elements = line(x, x.shape.length - 1, index);
    const largest = Math.max(...elements);
    const total = elements.reduce((sum, element) => sum + Math.exp(element - largest), 0);
    return Math.exp((elements[index.at(-1) as number] as number) - largest) / total;
  });
}
