import type { Emitter } from "../../graph/emit.ts";
import type { Node } from "../../graph/graph.ts";
import { range } from "../../graph/shapes.ts";
import { sizeOf } from "../../host-tensor.ts";
import { type Rules, required, upcast } from "../rule.ts";
import { counting, segmentSum } from "./indexing.ts";

/** Sums of weights (or ones) by class; values that are no class below `size` are dropped. [n] → [size]. */
function bincount(emit: Emitter, x: Node, weights: Node, size: number): Node {
  const counted = sizeOf(weights.shape) > 0 ? weights : emit.full(1, weights.dtype, x.shape);
  return segmentSum(emit, counted, x, size);
}

/** The same for each row: row r's classes are r·size … r·size + size − 1 of one long count. [m, n] → [m, size]. */
function bincountRows(emit: Emitter, x: Node, weights: Node, size: number): Node {
  const [rows, columns] = x.shape as [number, number];
  const isClass = emit.binary("and", emit.binary("greaterEqual", x, 0), emit.binary("less", x, size));
  const shifted = emit.add(x, emit.mul(counting(emit, rows, 0, 2), size));
  const flat = emit.reshape(emit.select(isClass, shifted, -1), [rows * columns]);
  const isWeighted = sizeOf(weights.shape) > 0;
  const flatWeights = isWeighted ? emit.reshape(weights, [rows * columns]) : weights;
  return emit.reshape(bincount(emit, flat, flatWeights, rows * size), [rows, size]);
}

/** How many elements of each sorted row come before each value: [m, n], [m, k] → int32 [m, k]. */
function searchSorted(emit: Emitter, sorted: Node, values: Node, side: "left" | "right"): Node {
  const [rows, length] = sorted.shape as [number, number];
  const row = emit.reshape(sorted, [rows, 1, length]);
  const column = emit.reshape(values, [rows, values.shape[1] as number, 1]);
  const isBefore = emit.binary(side === "left" ? "less" : "lessEqual", row, column);
  return emit.reduce("reduceSum", emit.cast(isBefore, "int32"), [2]);
}

/**
 * Running products by doubling, since engines have none: after step s each element holds the product of the last 2ˢ.
 * An exclusive product is the inclusive one moved by a place.
 */
function runningProduct(emit: Emitter, x: Node, axis: number, exclusive: boolean, reverse: boolean): Node {
  const size = x.shape[axis] as number;
  const at = (amount: number) => range(x.shape.length).map((i) => (i === axis ? amount : 0));
  /** Moves elements by places along the axis; ones enter. */
  const moved = (node: Node, places: number) => {
    const kept = node.shape.map((length, i) => (i === axis ? length - places : length));
    const begin = reverse ? at(places) : at(0);
    const part = emit.slice(node, begin, kept);
    return reverse ? emit.pad(part, at(0), at(places), 1) : emit.pad(part, at(places), at(0), 1);
  };
  if (size === 0) return x;
  let product = exclusive ? moved(x, 1) : x;
  for (let reach = 1; reach < size; reach *= 2) product = emit.mul(product, moved(product, reach));
  return product;
}

/** Kernels that count, search and multiply along an axis. */
export const countingRules: Rules = {
  // Negative values, which tfjs-cpu refuses when it sees them, are dropped: a program cannot look.
  Bincount: (emit, inputs, { size }) =>
    bincount(emit, required(inputs, "x"), required(inputs, "weights"), size as number),
  Cumprod: (emit, { x }, { axis, exclusive, reverse }) => {
    const node = x as Node;
    const counted = node.dtype === "bool" ? emit.cast(node, "int32") : node;
    const along = (axis as number) < 0 ? (axis as number) + node.shape.length : (axis as number);
    return runningProduct(emit, counted, along, exclusive === true, reverse === true);
  },
  DenseBincount: (emit, inputs, { size, binaryOutput }) => {
    const [x, weights] = [required(inputs, "x"), required(inputs, "weights")];
    if (x.shape.length === 1) return bincount(emit, x, weights, size as number);
    if (!binaryOutput) return bincountRows(emit, x, weights, size as number);
    const ones = emit.full(1, weights.dtype, x.shape);
    return emit.binary("min", bincountRows(emit, x, ones, size as number), 1);
  },
  SearchSorted: (emit, inputs, { side }) => {
    const operands = [required(inputs, "sortedSequence"), required(inputs, "values")];
    const [sorted, values] = upcast(emit, operands) as [Node, Node];
    return searchSorted(emit, sorted, values, side as "left" | "right");
  },
};
