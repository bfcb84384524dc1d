import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../host-tensor.ts";
import { sumToShape, zeros } from "./broadcast.ts";
import { fromInput, type GradientRule, linear, rule, ruleOfList, ruleOfMany } from "./rule.ts";

const positive = (axis: number, rank: number) => (axis < 0 ? axis + rank : axis);

/** The part of dy that an operand of `size` at `offset` along an axis contributed. */
function part(dy: tf.Tensor, axis: number, offset: number, size: number): tf.Tensor {
  const begin = dy.shape.map((_, i) => (i === axis ? offset : 0));
  return tf.slice(
    dy,
    begin,
    dy.shape.map((n, i) => (i === axis ? size : n)),
  );
}

/** Sums the repetitions: an axis [r·n] is read as [r, n] and summed over r; n = 1 or r = 1 need no second axis. */
function tileGradient(dy: tf.Tensor, x: tf.Tensor, { reps }: tf.TileAttrs): tf.Tensor {
  if (dy.size === 0) return zeros(x.shape);
  const split: number[] = [];
  const summed: number[] = [];
  x.shape.forEach((size, axis) => {
    const repetitions = reps[axis] as number;
    if (repetitions > 1) summed.push(split.push(repetitions) - 1);
    if (repetitions === 1 || size > 1) split.push(size);
  });
  if (summed.length === 0) return tf.clone(dy);
  return tf.reshape(tf.sum(tf.reshape(dy, split), summed), x.shape);
}

/** [B, H·b, W·b, D] back to the channels [B, H, W, b·b·D] that it was spread from. */
function depthToSpaceGradient(dy: tf.Tensor, x: tf.Tensor, { blockSize, dataFormat }: tf.DepthToSpaceAttrs): tf.Tensor {
  if (dataFormat !== "NHWC") {
    throw new RangeError(`the gradient of depthToSpace takes NHWC images, but the data format is ${dataFormat}`);
  }
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const depth = channels / (blockSize * blockSize);
  const split = tf.reshape(dy, [batch, height, blockSize, width, blockSize, depth]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4, 5]), x.shape);
}

/** The diagonal of dy read as [n, n]: padded to rows of n + 1, the diagonal is the first column. */
function diagonal(dy: tf.Tensor, x: tf.Tensor): tf.Tensor {
  const n = sizeOf(x.shape);
  if (n === 0) return zeros(x.shape);
  const rows = tf.reshape(tf.pad(tf.reshape(dy, [n * n]), [[0, n]]), [n, n + 1]);
  return tf.reshape(tf.slice(rows, [0, 0], [n, 1]), x.shape);
}

/** Kernels that move elements as a whole: each gradient moves them back. */
export const shapeGradients: readonly GradientRule[] = [
  linear<tf.BatchToSpaceNDAttrs>("BatchToSpaceND", (dy, { blockShape, crops }) =>
    tf.spaceToBatchND(dy, blockShape, crops),
  ),
  fromInput("BroadcastTo", (dy, x) => sumToShape(dy, x.shape)),
  ruleOfList<tf.ConcatAttrs>("Concat", (dy, operands, { axis }) => {
    const along = positive(axis, dy.rank);
    let end = 0;
    return operands.map((operand) => {
      const size = operand.shape[along] as number;
      const offset = end;
      end += size;
      return () => part(dy, along, offset, size);
    });
  }),
  fromInput<tf.DepthToSpaceAttrs>("DepthToSpace", depthToSpaceGradient),
  fromInput("Diag", diagonal),
  rule("ExpandDims", { inputs: ["input"] }, (dy, [input]) => ({
    input: () => tf.reshape(dy, (input as tf.Tensor).shape),
  })),
  ruleOfList<tf.PackAttrs>("Pack", (dy, operands, { axis }) => {
    const along = positive(axis, dy.rank);
    return operands.map((operand, i) => () => tf.reshape(part(dy, along, i, 1), operand.shape));
  }),
  rule("FlipLeftRight", {}, (dy) => ({ image: () => tf.reverse(dy, 2) })),
  fromInput("Reshape", (dy, x) => tf.reshape(dy, x.shape)),
  linear<tf.ReverseAttrs>("Reverse", (dy, { dims }) => tf.reverse(dy, dims)),
  linear<tf.SpaceToBatchNDAttrs>("SpaceToBatchND", (dy, { blockShape, paddings }) =>
    tf.batchToSpaceND(dy, blockShape, paddings),
  ),
  ruleOfMany<tf.SplitVAttrs>("SplitV", {}, (dys, _, { axis }) => ({ x: () => tf.concat([...dys], axis) })),
  fromInput<tf.TileAttrs>("Tile", tileGradient),
  linear<tf.TransposeAttrs>("Transpose", (dy, { perm }) =>
    tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm)),
  ),
  ruleOfMany<tf.UnpackAttrs>("Unpack", {}, (dys, _, { axis }) => ({ value: () => tf.stack([...dys], axis) })),
];
