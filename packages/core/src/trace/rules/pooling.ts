import * as tf from "@tensorflow/tfjs-core";
import type { Emitter } from "../../graph/emit.ts";
import type { Node } from "../../graph/graph.ts";
import { hostTensor, sizeOf } from "../../host-tensor.ts";
import { axisMatrix, mapAxis } from "../axis-map.ts";
import { firstEqual } from "../first-equal.ts";
import { taps, tapsOf, unpatch } from "../patches.ts";
import { type RuleAttributes, type Rules, required } from "../rule.ts";
import { paddingAfter, type Slide, slideOf2d, slideOf3d, windowAttributes } from "../slide.ts";

type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

function slide2d(operation: string, shape: readonly number[], a: RuleAttributes): Slide {
  const { filterSize, strides, pad, dimRoundingMode } = a as unknown as tf.MaxPoolAttrs;
  return slideOf2d(
    operation,
    tf.backend_util.computePool2DInfo([...shape] as Four, filterSize, strides, 1, pad, dimRoundingMode),
  );
}

function slide3d(operation: string, shape: readonly number[], a: RuleAttributes): Slide {
  const { filterSize, strides, pad, dimRoundingMode } = a as unknown as tf.MaxPool3DAttrs;
  return slideOf3d(
    operation,
    tf.backend_util.computePool3DInfo([...shape] as Five, filterSize, strides, 1, pad, dimRoundingMode),
  );
}

/** Whether a window can lie in the padding altogether, which engines refuse. */
const canMissImage = (slide: Slide) =>
  slide.window.some((size, i) => size <= (slide.before[i] as number) || size <= (paddingAfter(slide)[i] as number));

function maximum(emit: Emitter, x: Node, slide: Slide): Node {
  if (slide.sides.length === 2 && !canMissImage(slide)) {
    return emit.builder.add("maxPool", [x], windowAttributes(slide));
  }
  return taps(emit, x, slide, Number.NEGATIVE_INFINITY).reduce((most, seen) => emit.binary("max", most, seen));
}

/**
 * The means of windows, or the transpose of that map: one product with a small constant matrix for each axis. Padding
 * does not count; a window of nothing else has mean NaN.
 */
function mapMeans(emit: Emitter, x: Node, slide: Slide, transposed: boolean): Node {
  return slide.sides.reduce((mapped, side, i) => {
    const [size, stride, before, to] = [slide.window, slide.strides, slide.before, slide.out].map(
      (values) => values[i] as number,
    ) as [number, number, number, number];
    const matrix = axisMatrix(side, to, (o, add) => {
      const start = o * stride - before;
      const [first, end] = [Math.max(0, start), Math.min(side, start + size)];
      if (first >= end) add(0, Number.NaN);
      for (let at = first; at < end; at++) add(at, 1 / (end - first));
    });
    return mapAxis(emit, mapped, i + 1, matrix, transposed);
  }, x);
}

function mean(emit: Emitter, x: Node, slide: Slide): Node {
  const isWindowed = slide.sides.length === 2 && !canMissImage(slide);
  return isWindowed ? emit.builder.add("averagePool", [x], windowAttributes(slide)) : mapMeans(emit, x, slide, false);
}

/** For each element of the window, whether it is the first that equals the maximum, as tfjs breaks ties. */
const firstHits = (emit: Emitter, x: Node, maxima: Node, slide: Slide): Node[] =>
  firstEqual(emit, taps(emit, x, slide, Number.NEGATIVE_INFINITY), maxima);

/** dy goes to the first element of each window that is its maximum. */
function maximumGradient(emit: Emitter, dy: Node, x: Node, maxima: Node, slide: Slide): Node {
  const parts = firstHits(emit, x, maxima, slide).map((isFirst) => emit.select(isFirst, dy, 0));
  return unpatch(emit, emit.concat(parts, dy.shape.length - 1), slide);
}

/** Flat positions of the maxima in their image, or with `acrossBatch` in all images. */
function maximumPositions(emit: Emitter, x: Node, maxima: Node, slide: Slide, acrossBatch: boolean): Node {
  const [batch, height, width, channels] = x.shape as Four;
  const [outHeight, outWidth] = slide.out as [number, number];
  const place = (row: number, column: number) => (row * width + column) * channels;
  const corners = new Int32Array(outHeight * outWidth * channels);
  corners.forEach((_, i) => {
    const [column, row] = [Math.floor(i / channels) % outWidth, Math.floor(i / (channels * outWidth))];
    const [top, left] = [row, column].map(
      (o, axis) => o * (slide.strides[axis] as number) - (slide.before[axis] as number),
    ) as [number, number];
    corners[i] = place(top, left) + (i % channels);
  });
  const corner = emit.constant(hostTensor("int32", [1, outHeight, outWidth, channels], corners));
  const offsets = tapsOf(slide).map((tap) => {
    const [row, column] = tap.map((index, axis) => index * (slide.dilations[axis] as number)) as [number, number];
    return place(row, column);
  });
  const hits = firstHits(emit, x, maxima, slide);
  const offset = hits.reduce(
    (chosen, isFirst, k) => emit.select(isFirst, emit.full(offsets[k] as number, "int32"), chosen),
    emit.full(0, "int32"),
  );
  const positions = emit.add(offset, corner);
  if (!acrossBatch) return positions;
  const starts = Int32Array.from({ length: batch }, (_, n) => n * sizeOf([height, width, channels]));
  return emit.add(positions, emit.constant(hostTensor("int32", [batch, 1, 1, 1], starts)));
}

/** Maxima and means under sliding windows, and their gradients. */
export const poolingRules: Rules = {
  AvgPool: (emit, { x }, a) => mean(emit, x as Node, slide2d("avgPool", (x as Node).shape, a)),
  AvgPool3D: (emit, { x }, a) => mean(emit, x as Node, slide3d("avgPool3d", (x as Node).shape, a)),
  // tfjs-cpu divides by the size of the whole window here, even where the forward pass left padding out of the mean.
  AvgPoolGrad: (emit, { dy, input }, a) =>
    mapMeans(emit, dy as Node, slide2d("avgPool", (input as Node).shape, a), true),
  AvgPool3DGrad: (emit, { dy, input }, a) =>
    mapMeans(emit, dy as Node, slide3d("avgPool3d", (input as Node).shape, a), true),
  MaxPool: (emit, { x }, a) => maximum(emit, x as Node, slide2d("maxPool", (x as Node).shape, a)),
  // Of integers too it gives floats.
  MaxPool3D: (emit, { x }, a) =>
    maximum(emit, emit.cast(x as Node, "float32"), slide3d("maxPool3d", (x as Node).shape, a)),
  MaxPoolGrad: (emit, inputs, a) => {
    const x = required(inputs, "input");
    return maximumGradient(emit, required(inputs, "dy"), x, required(inputs, "output"), slide2d("maxPool", x.shape, a));
  },
  MaxPool3DGrad: (emit, inputs, a) => {
    const x = required(inputs, "input");
    return maximumGradient(
      emit,
      required(inputs, "dy"),
      x,
      required(inputs, "output"),
      slide3d("maxPool3d", x.shape, a),
    );
  },
  MaxPoolWithArgmax: (emit, inputs, a) => {
    const x = required(inputs, "x");
    const slide = slide2d("maxPool", x.shape, a);
    const maxima = maximum(emit, x, slide);
    return [maxima, maximumPositions(emit, x, maxima, slide, a.includeBatchInIndex === true)];
  },
};
