import * as tf from "@tensorflow/tfjs-core";
import { zeros } from "./broadcast.ts";
import { fromInput, type GradientRule } from "./rule.ts";

type Paddings = [number, number][];

/** The window of dy that an operand of `shape` filled, for kernels that put a border around it. */
function inside(dy: tf.Tensor, shape: readonly number[], paddings: Paddings): tf.Tensor {
  return tf.slice(
    dy,
    paddings.map(([before]) => before),
    [...shape],
  );
}

/** Zeros around dy, so that it lies at `begin` in a tensor of `shape`. */
function surrounded(dy: tf.Tensor, begin: readonly number[], shape: readonly number[]): tf.Tensor {
  const paddings = shape.map((size, i): [number, number] => {
    const before = begin[i] as number;
    return [before, size - before - (dy.shape[i] as number)];
  });
  return tf.pad(dy, paddings);
}

/** Zeros between the elements of dy, so that they lie `step` apart, and none after the last. */
export function spread(dy: tf.Tensor, steps: readonly number[]): tf.Tensor {
  if (steps.every((step) => step === 1)) return dy;
  // [.., n, ..] → [.., n, 1, ..] → [.., n, step, ..] → [.., n·step, ..], axis by axis in one pad.
  const pairs = tf.reshape(
    dy,
    dy.shape.flatMap((size) => [size, 1]),
  );
  const padded = tf.pad(
    pairs,
    steps.flatMap(
      (step): Paddings => [
        [0, 0],
        [0, step - 1],
      ],
    ),
  );
  const wide = tf.reshape(
    padded,
    dy.shape.map((size, i) => size * (steps[i] as number)),
  );
  return tf.slice(
    wide,
    dy.shape.map(() => 0),
    dy.shape.map((size, i) => (size - 1) * (steps[i] as number) + 1),
  );
}

/**
 * A strided slice takes begin, begin + stride, …: dy goes back to those places. A negative stride reads backwards, which
 * is a positive one from the other end and a reversal; new and dropped axes have size 1 and fall to a reshape.
 */
function stridedSliceGradient(dy: tf.Tensor, x: tf.Tensor, a: tf.StridedSliceAttrs): tf.Tensor {
  const { begin, end, strides } = tf.slice_util.sliceInfo(
    x.shape,
    a.begin,
    a.end,
    a.strides,
    a.beginMask,
    a.endMask,
    a.ellipsisMask,
    a.newAxisMask,
    a.shrinkAxisMask,
  );
  const size = tf.slice_util.computeOutShape(begin, end, strides);
  if (size.includes(0)) return zeros(x.shape);
  const taken = tf.reshape(dy, size);
  const backward = strides.flatMap((stride, axis) => (stride < 0 ? [axis] : []));
  const forward = backward.length === 0 ? taken : tf.reverse(taken, backward);
  const first = begin.map((start, i) => {
    const stride = strides[i] as number;
    return stride > 0 ? start : start + stride * ((size[i] as number) - 1);
  });
  return surrounded(spread(forward, strides.map(Math.abs)), first, x.shape);
}

/** Along each axis: the middle of dy, plus both borders folded back onto the elements that they mirror. */
function mirrorPadGradient(dy: tf.Tensor, x: tf.Tensor, { paddings, mode }: tf.MirrorPadAttrs): tf.Tensor {
  // "reflect" mirrors at the border element, "symmetric" outside of it.
  const skipped = mode === "reflect" ? 1 : 0;
  return paddings.reduce((gradient, [before, after], axis) => {
    const size = x.shape[axis] as number;
    const cut = (from: number, count: number) =>
      tf.slice(
        gradient,
        gradient.shape.map((_, i) => (i === axis ? from : 0)),
        gradient.shape.map((n, i) => (i === axis ? count : n)),
      );
    const middle = cut(before, size);
    const fold = (border: tf.Tensor, at: number) =>
      surrounded(
        tf.reverse(border, axis),
        middle.shape.map((_, i) => (i === axis ? at : 0)),
        middle.shape,
      );
    let sum = middle;
    if (before > 0) sum = tf.add(sum, fold(cut(0, before), skipped));
    if (after > 0) sum = tf.add(sum, fold(cut(before + size, after), size - after - skipped));
    return sum;
  }, dy);
}

/** Kernels that take or make a window of a tensor. A slice's gradient is one pad, which graph passes can merge. */
export const windowGradients: readonly GradientRule[] = [
  fromInput<tf.MirrorPadAttrs>("MirrorPad", mirrorPadGradient),
  fromInput<tf.PadV2Attrs>("PadV2", (dy, x, { paddings }) => inside(dy, x.shape, paddings)),
  fromInput<tf.SliceAttrs>("Slice", (dy, x, { begin, size }) =>
    surrounded(dy, tf.slice_util.parseSliceParams(x, begin, size)[0] as number[], x.shape),
  ),
  fromInput<tf.StridedSliceAttrs>("StridedSlice", stridedSliceGradient),
];
