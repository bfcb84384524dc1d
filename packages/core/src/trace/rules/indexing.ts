import type { Emitter } from "../../graph/emit.ts";
import type { Node } from "../../graph/graph.ts";
import { range } from "../../graph/shapes.ts";
import { type DType, hostTensor, sizeOf } from "../../host-tensor.ts";
import { axisOf, type Rules, required } from "../rule.ts";

/** `0, 1, …` along an axis of a tensor of that rank, of size 1 elsewhere, so that it broadcasts. */
export function counting(emit: Emitter, length: number, axis = 0, rank = 1): Node {
  const numbers = emit.constant(hostTensor("int32", [length], Int32Array.from(range(length))));
  return emit.reshape(
    numbers,
    range(rank).map((i) => (i === axis ? length : 1)),
  );
}

/** Whether each index equals each class: bool [...indices, depth]. */
function isClass(emit: Emitter, indices: Node, depth: number): Node {
  const column = emit.reshape(emit.cast(indices, "int32"), [...indices.shape, 1]);
  return emit.binary("equal", column, counting(emit, depth, indices.shape.length, indices.shape.length + 1));
}

/** Gathers along an axis for each batch entry on its own: the batch axes are flattened into offsets of one axis. */
function gatherBatched(emit: Emitter, x: Node, indices: Node, axis: number, batchDims: number): Node {
  if (batchDims === 0) return emit.builder.add("gather", [x, indices], { axis });
  const batch = x.shape.slice(0, batchDims);
  const [middle, depth, inner] = [x.shape.slice(batchDims, axis), x.shape[axis] as number, x.shape.slice(axis + 1)];
  // [batch, depth, middle, inner] as rows of one table, so that entry (b, i) is row b·depth + i.
  const forward = [...range(batchDims), axis, ...range(x.shape.length).filter((i) => i >= batchDims && i !== axis)];
  const table = emit.reshape(emit.transpose(x, forward), [sizeOf(batch) * depth, ...middle, ...inner]);
  const flat = emit.reshape(indices, [sizeOf(batch), sizeOf(indices.shape.slice(batchDims))]);
  const offsets = emit.mul(counting(emit, sizeOf(batch), 0, 2), depth);
  // An index past its own entry stays past all: it must not find a row of the next.
  const isInside = emit.binary("and", emit.binary("greaterEqual", flat, 0), emit.binary("less", flat, depth));
  const rows = emit.reshape(emit.select(isInside, emit.add(flat, offsets), sizeOf(batch) * depth), indices.shape);
  const picked = emit.builder.add("gather", [table, rows], { axis: 0 });
  // [batch, picked, middle, inner] → [batch, middle, picked, inner]
  const pickedRank = indices.shape.length - batchDims;
  const middleStart = indices.shape.length;
  return emit.transpose(picked, [
    ...range(batchDims),
    ...range(middle.length).map((i) => middleStart + i),
    ...range(pickedRank).map((i) => batchDims + i),
    ...range(inner.length).map((i) => middleStart + middle.length + i),
  ]);
}

/** Sums the rows of x that share a segment number; ids outside 0…count−1 are dropped, as in TensorFlow. */
export function segmentSum(emit: Emitter, x: Node, ids: Node, count: number): Node {
  const isInside = emit.binary("and", emit.binary("greaterEqual", ids, 0), emit.binary("less", ids, count));
  const row = [...ids.shape, ...x.shape.slice(ids.shape.length).map(() => 1)];
  const kept = emit.select(emit.reshape(isInside, row), x, 0);
  const safe = emit.select(isInside, ids, 0);
  return emit.builder.add("scatterNd", [emit.reshape(safe, [...ids.shape, 1]), kept], {
    shape: [count, ...x.shape.slice(ids.shape.length)],
  });
}

/**
 * x with other values at some places. TensorFlow leaves open what happens where a place is named twice; here the values
 * add up, since writes have no order in a graph.
 */
function overwrite(emit: Emitter, x: Node, indices: Node, updates: Node): Node {
  const { shape } = x;
  const ones = emit.full(1, "int32", updates.shape);
  const writes = emit.builder.add("scatterNd", [indices, ones], { shape });
  const values = emit.builder.add("scatterNd", [indices, updates], { shape });
  return emit.select(emit.binary("greater", writes, 0), values, x);
}

/** Kernels that read or write at computed places. */
export const indexingRules: Rules = {
  Diag: (emit, { x }) => {
    const node = x as Node;
    const size = sizeOf(node.shape);
    const isDiagonal = emit.binary("equal", counting(emit, size, 0, 2), counting(emit, size, 1, 2));
    const square = emit.select(isDiagonal, emit.reshape(node, [1, size]), 0);
    return emit.reshape(square, [...node.shape, ...node.shape]);
  },
  GatherNd: (emit, { params, indices }) => emit.builder.add("gatherNd", [params as Node, indices as Node], {}),
  GatherV2: (emit, { x, indices }, { axis, batchDims }) =>
    gatherBatched(
      emit,
      x as Node,
      emit.cast(indices as Node, "int32"),
      axisOf(axis, (x as Node).shape.length),
      (batchDims as number | undefined) ?? 0,
    ),
  OneHot: (emit, { indices }, { depth, onValue, offValue, dtype }) => {
    const type = (dtype as DType | undefined) ?? "int32";
    const hit = isClass(emit, indices as Node, depth as number);
    return emit.select(
      hit,
      emit.full((onValue as number | undefined) ?? 1, type),
      (offValue as number | undefined) ?? 0,
    );
  },
  ScatterNd: (emit, { indices, updates }, { shape }) =>
    emit.builder.add("scatterNd", [indices as Node, updates as Node], { shape: shape as number[] }),
  SparseToDense: (emit, inputs, { outputShape }) => {
    const [indices, values] = [required(inputs, "sparseIndices"), required(inputs, "sparseValues")];
    const shape = outputShape as number[];
    // A vector of indices addresses a vector; one value may stand for all of them.
    const count = indices.shape.length === 0 ? 1 : (indices.shape[0] as number);
    const at = indices.shape.length === 2 ? indices : emit.reshape(indices, [count, 1]);
    const updates = values.shape.length === 0 ? emit.broadcast(values, [count]) : values;
    const otherwise = emit.cast(required(inputs, "defaultValue"), values.dtype);
    return overwrite(emit, emit.broadcast(emit.reshape(otherwise, []), shape), at, updates);
  },
  TensorScatterUpdate: (emit, inputs) =>
    overwrite(emit, required(inputs, "tensor"), required(inputs, "indices"), required(inputs, "updates")),
  TopK: (emit, inputs, { k }) => {
    const x = required(inputs, "x");
    const numbers = x.dtype === "bool" ? emit.cast(x, "int32") : x;
    const attributes = { k: k as number };
    const values = emit.builder.add("topKValues", [numbers], attributes);
    return [emit.cast(values, x.dtype), emit.builder.add("topKIndices", [numbers], attributes)];
  },
  // Sums of integers are floats too.
  UnsortedSegmentSum: (emit, { x, segmentIds }, { numSegments }) =>
    segmentSum(emit, emit.cast(x as Node, "float32"), segmentIds as Node, numSegments as number),
};
