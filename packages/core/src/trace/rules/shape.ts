import * as tf from "@tensorflow/tfjs-core";
import type { Emitter } from "../../graph/emit.ts";
import type { Node } from "../../graph/graph.ts";
import { range } from "../../graph/shapes.ts";
import { sizeOf } from "../../host-tensor.ts";
import { axesOf, axisOf, listOf, type Rules, required, upcast } from "../rule.ts";

type Paddings = readonly (readonly [before: number, after: number])[];

/** Parts of a tensor along an axis, of the given sizes in order. */
export function split(emit: Emitter, x: Node, sizes: readonly number[], axis: number): Node[] {
  let start = 0;
  return sizes.map((size) => {
    const begin = x.shape.map((_, i) => (i === axis ? start : 0));
    start += size;
    return emit.slice(
      x,
      begin,
      x.shape.map((length, i) => (i === axis ? size : length)),
    );
  });
}

const without = (shape: readonly number[], axis: number) => shape.filter((_, i) => i !== axis);
const insert = (shape: readonly number[], axis: number, size: number) => [
  ...shape.slice(0, axis),
  size,
  ...shape.slice(axis),
];

/** Blocks of a batch interleaved into space or back: reshape, move the block axes beside their spatial axes, reshape. */
function batchToSpace(emit: Emitter, x: Node, blockShape: readonly number[], crops: Paddings): Node {
  const blocks = blockShape.length;
  const batch = (x.shape[0] as number) / sizeOf(blockShape);
  const spatial = x.shape.slice(1, 1 + blocks);
  const rest = x.shape.slice(1 + blocks);
  const split = emit.reshape(x, [...blockShape, batch, ...spatial, ...rest]);
  const interleaved = emit.transpose(split, [
    blocks,
    ...range(blocks).flatMap((i) => [blocks + 1 + i, i]),
    ...range(rest.length).map((i) => 2 * blocks + 1 + i),
  ]);
  const grown = spatial.map((size, i) => size * (blockShape[i] as number));
  const merged = emit.reshape(interleaved, [batch, ...grown, ...rest]);
  const begin = [0, ...crops.map(([before]) => before), ...rest.map(() => 0)];
  const size = [batch, ...grown.map((g, i) => g - (crops[i]?.[0] ?? 0) - (crops[i]?.[1] ?? 0)), ...rest];
  return emit.slice(merged, begin, size);
}

function spaceToBatch(emit: Emitter, x: Node, blockShape: readonly number[], paddings: Paddings): Node {
  const blocks = blockShape.length;
  const restRank = x.shape.length - 1 - blocks;
  const all: Paddings = [[0, 0], ...paddings, ...range(restRank).map(() => [0, 0] as const)];
  const padded = emit.pad(
    x,
    all.map(([before]) => before),
    all.map(([, after]) => after),
  );
  const batch = padded.shape[0] as number;
  const spatial = padded.shape.slice(1, 1 + blocks).map((size, i) => size / (blockShape[i] as number));
  const rest = padded.shape.slice(1 + blocks);
  const split = emit.reshape(padded, [
    batch,
    ...spatial.flatMap((size, i) => [size, blockShape[i] as number]),
    ...rest,
  ]);
  const moved = emit.transpose(split, [
    ...range(blocks).map((i) => 2 * i + 2),
    0,
    ...range(blocks).map((i) => 2 * i + 1),
    ...range(restRank).map((i) => 2 * blocks + 1 + i),
  ]);
  return emit.reshape(moved, [batch * sizeOf(blockShape), ...spatial, ...rest]);
}

/** Along each axis, both borders mirrored: at the border element (`reflect`), or outside of it (`symmetric`). */
function mirrorPad(emit: Emitter, x: Node, paddings: Paddings, mode: string): Node {
  const skipped = mode === "reflect" ? 1 : 0;
  return paddings.reduce((node, [before, after], axis) => {
    const length = node.shape[axis] as number;
    const mirrored = (from: number, count: number): Node[] => {
      if (count === 0) return [];
      const begin = node.shape.map((_, i) => (i === axis ? from : 0));
      const border = emit.slice(
        node,
        begin,
        node.shape.map((size, i) => (i === axis ? count : size)),
      );
      return [emit.builder.add("reverse", [border], { axes: [axis] })];
    };
    return emit.concat([...mirrored(skipped, before), node, ...mirrored(length - skipped - after, after)], axis);
  }, x);
}

/** Kernels that move elements without computing on them. */
export const shapeRules: Rules = {
  BatchToSpaceND: (emit, { x }, { blockShape, crops }) =>
    batchToSpace(emit, x as Node, blockShape as number[], crops as Paddings),
  // tfjs-cpu writes all parts into an array of the first one's dtype. Here none is cut off to fit there.
  Concat: (emit, inputs, { axis }) => {
    const parts = listOf(inputs);
    const first = parts[0] as Node;
    const cast = upcast(emit, parts);
    return emit.concat(cast[0]?.dtype === first.dtype ? cast : parts, axisOf(axis, first.shape.length));
  },
  DepthToSpace: (emit, { x }, { blockSize, dataFormat }) => {
    if (dataFormat !== "NHWC") throw new RangeError(`DepthToSpace takes NHWC images, but was given ${dataFormat}`);
    const [batch, height, width, channels] = (x as Node).shape as [number, number, number, number];
    const block = blockSize as number;
    const depth = channels / (block * block);
    const split = emit.reshape(x as Node, [batch, height, width, block, block, depth]);
    return emit.reshape(emit.transpose(split, [0, 1, 3, 2, 4, 5]), [batch, height * block, width * block, depth]);
  },
  ExpandDims: (emit, { input }, { dim }) => {
    const x = input as Node;
    return emit.reshape(x, insert(x.shape, axisOf(dim, x.shape.length + 1), 1));
  },
  FlipLeftRight: (emit, { image }) => emit.builder.add("reverse", [image as Node], { axes: [2] }),
  MirrorPad: (emit, { x }, { paddings, mode }) => mirrorPad(emit, x as Node, paddings as Paddings, mode as string),
  Pack: (emit, inputs, { axis }) => {
    const parts = listOf(inputs);
    const at = axisOf(axis, (parts[0] as Node).shape.length + 1);
    return emit.concat(
      parts.map((part) => emit.reshape(part, insert(part.shape, at, 1))),
      at,
    );
  },
  PadV2: (emit, { x }, { paddings, constantValue }) =>
    emit.pad(
      x as Node,
      (paddings as Paddings).map(([before]) => before),
      (paddings as Paddings).map(([, after]) => after),
      constantValue as number,
    ),
  Reshape: (emit, { x }, { shape }) =>
    emit.reshape(x as Node, tf.util.inferFromImplicitShape(shape as number[], sizeOf((x as Node).shape))),
  Reverse: (emit, { x }, { dims }) => {
    const axes = axesOf(dims, (x as Node).shape.length);
    return axes.length === 0 ? (x as Node) : emit.builder.add("reverse", [x as Node], { axes });
  },
  Slice: (emit, { x }, { begin, size }) => {
    const [from, sizes] = tf.slice_util.parseSliceParams(
      x as unknown as tf.Tensor,
      begin as number[],
      size as number[],
    );
    return emit.slice(x as Node, from as number[], sizes as number[]);
  },
  SpaceToBatchND: (emit, { x }, { blockShape, paddings }) =>
    spaceToBatch(emit, x as Node, blockShape as number[], paddings as Paddings),
  SplitV: (emit, { x }, { numOrSizeSplits, axis }) => {
    const node = x as Node;
    const along = axisOf(axis, node.shape.length);
    const sizes = tf.backend_util.prepareSplitSize(node as unknown as tf.Tensor, numOrSizeSplits as number[], along);
    return split(emit, node, sizes, along);
  },
  StridedSlice: (emit, { x }, attributes) => {
    const a = attributes as unknown as tf.StridedSliceAttrs;
    const node = x as Node;
    const info = tf.slice_util.sliceInfo(
      [...node.shape],
      a.begin,
      a.end,
      a.strides,
      a.beginMask,
      a.endMask,
      a.ellipsisMask,
      a.newAxisMask,
      a.shrinkAxisMask,
    );
    const size = tf.slice_util.computeOutShape(info.begin, info.end, info.strides);
    return emit.reshape(emit.slice(node, info.begin, size, info.strides), info.finalShape);
  },
  Tile: (emit, { x }, { reps }) => {
    const node = x as Node;
    const repetitions = reps as number[];
    // Repeating axes of size 1 moves nothing.
    const isBroadcast = repetitions.every((count, axis) => count === 1 || node.shape[axis] === 1);
    if (isBroadcast)
      return emit.broadcast(
        node,
        node.shape.map((size, axis) => size * (repetitions[axis] as number)),
      );
    return emit.builder.add("tile", [node], { repetitions });
  },
  Transpose: (emit, { x }, { perm }) => emit.transpose(x as Node, perm as number[]),
  Unpack: (emit, inputs, { axis }) => {
    const x = required(inputs, "value");
    const along = axisOf(axis, x.shape.length);
    const parts = split(emit, x, new Array<number>(x.shape[along] as number).fill(1), along);
    return parts.map((part) => emit.reshape(part, without(x.shape, along)));
  },
};
