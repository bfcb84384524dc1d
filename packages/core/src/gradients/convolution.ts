import * as tf from "@tensorflow/tfjs-core";
import { type GradientRule, rule, runKernel } from "./rule.ts";
import { spread } from "./window.ts";

/** The gradient kernels of a convolution: they take undilated filters only. */
interface Adjoints {
  readonly input: (dy: tf.Tensor, filter: tf.Tensor) => tf.Tensor;
  readonly filter: (x: tf.Tensor, dy: tf.Tensor, filterShape: number[]) => tf.Tensor;
}

/** One dilation for each spatial axis. */
const dilationsOf = (dilations: number | readonly number[] | undefined, axes: number): number[] =>
  typeof dilations === "object" ? [...dilations] : new Array<number>(axes).fill(dilations ?? 1);

/**
 * Gradients of a convolution by its input and filter. A dilated convolution is a plain one whose filter has zeros
 * between its taps, so there the kernels get that wide filter, and the taps are picked out of the wide gradient.
 */
function convolutionRule<Attributes extends { dilations?: number | number[] }>(
  kernelName: string,
  adjoints: (x: tf.Tensor, attributes: Attributes) => Adjoints,
): GradientRule {
  return rule<Attributes>(kernelName, { inputs: ["x", "filter"] }, (dy, saved, attributes) => {
    const [x, filter] = saved as [tf.Tensor, tf.Tensor];
    const steps = [...dilationsOf(attributes.dilations, x.rank - 2), 1, 1];
    const isDilated = steps.some((step) => step > 1);
    const wide = filter.shape.map((size, i) => (size - 1) * (steps[i] as number) + 1);
    const adjoint = adjoints(x, attributes);
    return {
      x: () => adjoint.input(dy, spread(filter, steps)),
      filter: () => {
        const gradient = adjoint.filter(x, dy, wide);
        return isDilated
          ? tf.stridedSlice(
              gradient,
              wide.map(() => 0),
              wide,
              steps,
            )
          : gradient;
      },
    };
  });
}

/** Convolutions, their transposes, and morphological dilation. */
export const convolutionGradients: readonly GradientRule[] = [
  convolutionRule<tf.Conv2DAttrs>(tf.Conv2D, (x, { strides, pad, dataFormat, dimRoundingMode }) => ({
    input: (dy, filter) =>
      runKernel(
        tf.Conv2DBackpropInput,
        { dy, filter },
        { inputShape: x.shape, strides, pad, dataFormat, dimRoundingMode },
      ),
    filter: (input, dy, filterShape) =>
      runKernel(tf.Conv2DBackpropFilter, { x: input, dy }, { filterShape, strides, pad, dataFormat, dimRoundingMode }),
  })),
  convolutionRule<tf.Conv3DAttrs>(tf.Conv3D, (x, { strides, pad }) => ({
    input: (dy, filter) => runKernel(tf.Conv3DBackpropInputV2, { dy, filter }, { inputShape: x.shape, strides, pad }),
    filter: (input, dy, filterShape) =>
      runKernel(tf.Conv3DBackpropFilterV2, { x: input, dy }, { filterShape, strides, pad }),
  })),
  convolutionRule<tf.DepthwiseConv2dNativeAttrs>(tf.DepthwiseConv2dNative, (x, { strides, pad, dimRoundingMode }) => {
    const attributes = { strides, pad, dimRoundingMode, dilations: 1 };
    return {
      input: (dy, filter) =>
        runKernel(tf.DepthwiseConv2dNativeBackpropInput, { dy, filter }, { ...attributes, inputShape: x.shape }),
      filter: (input, dy, filterShape) =>
        runKernel(tf.DepthwiseConv2dNativeBackpropFilter, { x: input, dy }, { ...attributes, filterShape }),
    };
  }),

  // Transposed convolutions are the input gradients of plain ones, so their gradients are plain ones.
  rule<tf.Conv2DBackpropInputAttrs>(tf.Conv2DBackpropInput, { inputs: ["dy", "filter"] }, (dx, saved, attributes) => {
    const [dy, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
    const { strides, pad, dataFormat, dimRoundingMode } = attributes;
    return {
      dy: () => tf.conv2d(dx as tf.Tensor4D, filter, strides, pad, dataFormat, 1, dimRoundingMode),
      filter: () =>
        runKernel(
          tf.Conv2DBackpropFilter,
          { x: dx, dy },
          { filterShape: filter.shape, strides, pad, dataFormat, dimRoundingMode },
        ),
    };
  }),
  rule<tf.Conv3DBackpropInputV2Attrs>(
    tf.Conv3DBackpropInputV2,
    { inputs: ["dy", "filter"] },
    (dx, saved, attributes) => {
      const [dy, filter] = saved as [tf.Tensor, tf.Tensor5D];
      const { strides, pad } = attributes;
      return {
        dy: () => tf.conv3d(dx as tf.Tensor5D, filter, strides, pad as "same" | "valid"),
        filter: () => runKernel(tf.Conv3DBackpropFilterV2, { x: dx, dy }, { filterShape: filter.shape, strides, pad }),
      };
    },
  ),

  rule<tf.Dilation2DAttrs>(tf.Dilation2D, { inputs: ["x", "filter"] }, (dy, saved, attributes) => {
    const [x, filter] = saved as [tf.Tensor, tf.Tensor];
    return {
      x: () => runKernel(tf.Dilation2DBackpropInput, { x, filter, dy }, attributes),
      filter: () => runKernel(tf.Dilation2DBackpropFilter, { x, filter, dy }, attributes),
    };
  }),
];
