import type { backend_util } from "@tensorflow/tfjs-core";
import type { WindowAttributes } from "../graph/operations.ts";

/**
 * How a window slides over the spatial axes of an image [N, …sides, C]: every array has one entry a spatial axis, and
 * output element o sees the elements o·stride + tap·dilation − before for tap = 0 … window − 1.
 */
export interface Slide {
  readonly sides: readonly number[];
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  /** Sides of the output. */
  readonly out: readonly number[];
}

/** The slide that tfjs computed from its attributes (padding mode, rounding, …) for a two-dimensional image. */
export function slideOf2d(info: backend_util.Conv2DInfo): Slide {
  return {
    sides: [info.inHeight, info.inWidth],
    window: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    before: [info.padInfo.top, info.padInfo.left],
    out: [info.outHeight, info.outWidth],
  };
}

/** The same for a volume. */
export function slideOf3d(info: backend_util.Conv3DInfo): Slide {
  return {
    sides: [info.inDepth, info.inHeight, info.inWidth],
    window: [info.filterDepth, info.filterHeight, info.filterWidth],
    strides: [info.strideDepth, info.strideHeight, info.strideWidth],
    dilations: [info.dilationDepth, info.dilationHeight, info.dilationWidth],
    before: [info.padInfo.front, info.padInfo.top, info.padInfo.left],
    out: [info.outDepth, info.outHeight, info.outWidth],
  };
}

const entry = (values: readonly number[], axis: number) => values[axis] as number;

/** Elements from the first to the last that any window sees, padding included. */
export function extents({ window, strides, dilations, out }: Slide): number[] {
  return out.map((o, i) => (o - 1) * entry(strides, i) + (entry(window, i) - 1) * entry(dilations, i) + 1);
}

/** Padding that windows see after the image, along each axis. */
export function paddingAfter(slide: Slide): number[] {
  return extents(slide).map((extent, i) => Math.max(0, extent - entry(slide.before, i) - entry(slide.sides, i)));
}

/** Attributes of the graph operations that slide over two axes. */
export function windowAttributes(slide: Slide): WindowAttributes {
  const { window, strides, dilations, before } = slide;
  const [bottom, right] = paddingAfter(slide) as [number, number];
  const [top, left] = before as [number, number];
  type Pair = [number, number];
  return {
    window: window as Pair,
    strides: strides as Pair,
    dilations: dilations as Pair,
    padding: { top, bottom, left, right },
  };
}

/** Whether windows lie side by side, so that patches are a matter of layout. */
export function isTiling({ window, strides, dilations }: Slide): boolean {
  return window.every((size, i) => size === strides[i] && (size === 1 || dilations[i] === 1));
}
