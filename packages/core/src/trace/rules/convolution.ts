import * as tf from "@tensorflow/tfjs-core";
import type { Emitter } from "../../graph/emit.ts";
import type { Node } from "../../graph/graph.ts";
import { sizeOf } from "../../host-tensor.ts";
import { patches, taps, unpatch } from "../patches.ts";
import { type RuleAttributes, type RuleInputs, type Rules, required } from "../rule.ts";
import { isTiling, type Slide, slideOf2d, slideOf3d, windowAttributes } from "../slide.ts";
import { activation } from "./elementwise.ts";

type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

const isChannelsFirst = ({ dataFormat }: RuleAttributes) => dataFormat === "NCHW";

const toNhwc = (emit: Emitter, x: Node, a: RuleAttributes) =>
  isChannelsFirst(a) ? emit.transpose(x, [0, 2, 3, 1]) : x;
const fromNhwc = (emit: Emitter, x: Node, a: RuleAttributes) =>
  isChannelsFirst(a) ? emit.transpose(x, [0, 3, 1, 2]) : x;

/** The slide of a two-dimensional convolution over an image of that shape, in the attributes' own data format. */
function slide2d(shape: readonly number[], filterShape: readonly number[], a: RuleAttributes, isDepthwise = false) {
  const { strides, dilations, pad, dimRoundingMode } = a as unknown as tf.Conv2DAttrs;
  const format = isChannelsFirst(a) ? "channelsFirst" : "channelsLast";
  return slideOf2d(
    isDepthwise ? "depthwiseConv2d" : "conv2d",
    tf.backend_util.computeConv2DInfo(
      [...shape] as Four,
      [...filterShape] as Four,
      strides,
      dilations ?? 1,
      pad,
      dimRoundingMode,
      isDepthwise,
      format,
    ),
  );
}

function slide3d(shape: readonly number[], filterShape: readonly number[], a: RuleAttributes): Slide {
  const { strides, dilations, pad } = a as unknown as tf.Conv3DAttrs;
  return slideOf3d(
    "conv3d",
    tf.backend_util.computeConv3DInfo([...shape] as Five, [...filterShape] as Five, strides, dilations ?? 1, pad),
  );
}

/** Rows of a product: all axes but the last become one. */
const rowsOf = (emit: Emitter, x: Node) => {
  const last = x.shape.at(-1) as number;
  return emit.reshape(x, [sizeOf(x.shape.slice(0, -1)), last]);
};

/** Filter [...window, C, O] as the matrix [taps·C, O] that patches are multiplied by. */
const filterMatrix = (emit: Emitter, filter: Node) => rowsOf(emit, filter);

/** Convolution as one product of patches with the filter. */
function byPatches(emit: Emitter, x: Node, filter: Node, slide: Slide): Node {
  const product = emit.matmul(rowsOf(emit, patches(emit, x, slide)), filterMatrix(emit, filter));
  return emit.reshape(product, [x.shape[0] as number, ...slide.out, filter.shape.at(-1) as number]);
}

function inputGradientByPatches(emit: Emitter, dy: Node, filter: Node, slide: Slide): Node {
  const product = emit.matmul(rowsOf(emit, dy), filterMatrix(emit, filter), { transposeB: true });
  return unpatch(emit, emit.reshape(product, [dy.shape[0] as number, ...slide.out, product.shape[1] as number]), slide);
}

/** Patchesᵀ·dy, whatever the number of spatial axes. */
function filterGradient(emit: Emitter, x: Node, dy: Node, filterShape: readonly number[], slide: Slide): Node {
  const seen = rowsOf(emit, patches(emit, x, slide));
  return emit.reshape(emit.matmul(seen, rowsOf(emit, dy), { transposeA: true }), filterShape);
}

/** x NHWC. Where windows lie side by side (patch embeddings, 1 × 1) a plain product is faster than a convolution. */
function convolve(emit: Emitter, x: Node, filter: Node, slide: Slide): Node {
  if (isTiling(slide)) return byPatches(emit, x, filter, slide);
  const { window: _, ...geometry } = windowAttributes(slide);
  return emit.builder.add("conv2d", [x, filter], { ...geometry, groups: 1 });
}

function convolveInputGradient(emit: Emitter, dy: Node, filter: Node, slide: Slide): Node {
  if (isTiling(slide)) return inputGradientByPatches(emit, dy, filter, slide);
  const { window: _, ...geometry } = windowAttributes(slide);
  const shape = [dy.shape[0] as number, ...slide.sides, filter.shape[2] as number];
  return emit.builder.add("conv2dInputGradient", [dy, filter], { ...geometry, groups: 1, shape });
}

/** tfjs's depthwise filter [h, w, C, m] as the graph's grouped one [h, w, 1, C·m]. */
const groupedFilter = (emit: Emitter, filter: Node) => {
  const [height, width, channels, multiplier] = filter.shape as Four;
  return emit.reshape(filter, [height, width, 1, channels * multiplier]);
};

function convolveDepthwise(emit: Emitter, x: Node, filter: Node, slide: Slide): Node {
  const { window: _, ...geometry } = windowAttributes(slide);
  return emit.builder.add("conv2d", [x, groupedFilter(emit, filter)], { ...geometry, groups: x.shape[3] as number });
}

/** For each tap, Σ over images and positions of what it saw times dy: [h, w, C, m]. */
function depthwiseFilterGradient(emit: Emitter, x: Node, dy: Node, filterShape: readonly number[], slide: Slide): Node {
  const [, , channels, multiplier] = filterShape as Four;
  const positions = [dy.shape[0] as number, ...slide.out];
  const gradient = emit.reshape(dy, [...positions, channels, multiplier]);
  const sums = taps(emit, x, slide).map((seen) => {
    const product = emit.mul(emit.reshape(seen, [...positions, channels, 1]), gradient);
    return emit.reshape(emit.reduce("reduceSum", product, [0, 1, 2]), [1, channels * multiplier]);
  });
  return emit.reshape(emit.concat(sums, 0), filterShape);
}

/** What the fused kernels add to a convolution: a bias and an activation. */
function epilogue(emit: Emitter, y: Node, inputs: RuleInputs, a: RuleAttributes): Node {
  // y has its channels last; a vector over channels needs nothing, a tensor [C, 1, 1] of channels-first format does.
  const aligned = (node: Node | undefined) =>
    node && isChannelsFirst(a) && node.shape.length === 3 ? emit.transpose(node, [1, 2, 0]) : node;
  const bias = aligned(inputs.bias);
  return activation(emit, (a.activation as string | null) ?? "linear", bias ? emit.add(y, bias) : y, {
    slope: a.leakyreluAlpha as number,
    weights: aligned(inputs.preluActivationWeights),
  });
}

/** Convolutions, their gradients, and the forms with bias and activation. */
export const convolutionRules: Rules = {
  Conv2D: (emit, inputs, a) => {
    const [x, filter] = [required(inputs, "x"), required(inputs, "filter")];
    const slide = slide2d(x.shape, filter.shape, a);
    return fromNhwc(emit, convolve(emit, toNhwc(emit, x, a), filter, slide), a);
  },
  Conv2DBackpropInput: (emit, inputs, a) => {
    const [dy, filter] = [required(inputs, "dy"), required(inputs, "filter")];
    const slide = slide2d(a.inputShape as number[], filter.shape, a);
    return fromNhwc(emit, convolveInputGradient(emit, toNhwc(emit, dy, a), filter, slide), a);
  },
  Conv2DBackpropFilter: (emit, inputs, a) => {
    const [x, dy] = [required(inputs, "x"), required(inputs, "dy")];
    const filterShape = a.filterShape as number[];
    const slide = slide2d(x.shape, filterShape, a);
    return filterGradient(emit, toNhwc(emit, x, a), toNhwc(emit, dy, a), filterShape, slide);
  },
  FusedConv2D: (emit, inputs, a) => {
    const [x, filter] = [required(inputs, "x"), required(inputs, "filter")];
    const slide = slide2d(x.shape, filter.shape, a);
    return fromNhwc(emit, epilogue(emit, convolve(emit, toNhwc(emit, x, a), filter, slide), inputs, a), a);
  },

  DepthwiseConv2dNative: (emit, inputs, a) => {
    const [x, filter] = [required(inputs, "x"), required(inputs, "filter")];
    return convolveDepthwise(emit, x, filter, slide2d(x.shape, filter.shape, a, true));
  },
  DepthwiseConv2dNativeBackpropInput: (emit, inputs, a) => {
    const [dy, filter] = [required(inputs, "dy"), required(inputs, "filter")];
    const shape = a.inputShape as number[];
    const { window: _, ...geometry } = windowAttributes(slide2d(shape, filter.shape, a, true));
    const attributes = { ...geometry, groups: shape[3] as number, shape };
    return emit.builder.add("conv2dInputGradient", [dy, groupedFilter(emit, filter)], attributes);
  },
  DepthwiseConv2dNativeBackpropFilter: (emit, inputs, a) => {
    const [x, dy] = [required(inputs, "x"), required(inputs, "dy")];
    const filterShape = a.filterShape as number[];
    return depthwiseFilterGradient(emit, x, dy, filterShape, slide2d(x.shape, filterShape, a, true));
  },
  FusedDepthwiseConv2D: (emit, inputs, a) => {
    const [x, filter] = [required(inputs, "x"), required(inputs, "filter")];
    const y = convolveDepthwise(emit, x, filter, slide2d(x.shape, filter.shape, a, true));
    return epilogue(emit, y, inputs, a);
  },

  Conv3D: (emit, inputs, a) => {
    const [x, filter] = [required(inputs, "x"), required(inputs, "filter")];
    return byPatches(emit, x, filter, slide3d(x.shape, filter.shape, a));
  },
  Conv3DBackpropInputV2: (emit, inputs, a) => {
    const [dy, filter] = [required(inputs, "dy"), required(inputs, "filter")];
    return inputGradientByPatches(emit, dy, filter, slide3d(a.inputShape as number[], filter.shape, a));
  },
  Conv3DBackpropFilterV2: (emit, inputs, a) => {
    const [x, dy] = [required(inputs, "x"), required(inputs, "dy")];
    const filterShape = a.filterShape as number[];
    return filterGradient(emit, x, dy, filterShape, slide3d(x.shape, filterShape, a));
  },
};
