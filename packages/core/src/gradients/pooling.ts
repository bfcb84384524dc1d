import * as tf from "@tensorflow/tfjs-core";
import { fromInput, type GradientRule, rule, ruleOfMany, runKernel } from "./rule.ts";
import { axisMatrix, transposedAxisMaps } from "./separable.ts";

type Five = [number, number, number, number, number];

/** The window of one axis: how it slides and how much padding precedes the axis. */
interface Window {
  readonly from: number;
  readonly to: number;
  readonly size: number;
  readonly stride: number;
  readonly before: number;
}

/** Mean pooling of one axis; padding does not count, so that windows at the border are smaller. */
function meanMatrix({ from, to, size, stride, before }: Window): tf.Tensor2D {
  return axisMatrix(from, to, (i, add) => {
    const start = i * stride - before;
    const inside = Array.from({ length: size }, (_, tap) => start + tap).filter((at) => at >= 0 && at < from);
    for (const at of inside) add(at, 1 / inside.length);
  });
}

function averagePool2d(dy: tf.Tensor, x: tf.Tensor, { filterSize, strides, pad, dimRoundingMode }: tf.AvgPoolAttrs) {
  const shape = x.shape as [number, number, number, number];
  const { padInfo, ...info } = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  return transposedAxisMaps(dy, [
    meanMatrix({
      from: info.inHeight,
      to: info.outHeight,
      size: info.filterHeight,
      stride: info.strideHeight,
      before: padInfo.top,
    }),
    meanMatrix({
      from: info.inWidth,
      to: info.outWidth,
      size: info.filterWidth,
      stride: info.strideWidth,
      before: padInfo.left,
    }),
  ]);
}

function averagePool3d(dy: tf.Tensor, x: tf.Tensor, { filterSize, strides, pad, dimRoundingMode }: tf.AvgPool3DAttrs) {
  const shape = x.shape as Five;
  const { padInfo, ...info } = tf.backend_util.computePool3DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  return transposedAxisMaps(dy, [
    meanMatrix({
      from: info.inDepth,
      to: info.outDepth,
      size: info.filterDepth,
      stride: info.strideDepth,
      before: padInfo.front,
    }),
    meanMatrix({
      from: info.inHeight,
      to: info.outHeight,
      size: info.filterHeight,
      stride: info.strideHeight,
      before: padInfo.top,
    }),
    meanMatrix({
      from: info.inWidth,
      to: info.outWidth,
      size: info.filterWidth,
      stride: info.strideWidth,
      before: padInfo.left,
    }),
  ]);
}

/**
 * Pooling over windows. A maximum that ties goes to one place of the window, chosen by the backend's kernel. Means do not
 * use tfjs's kernel, which on some backends counts padding that the forward pass does not.
 */
export const poolingGradients: readonly GradientRule[] = [
  fromInput<tf.AvgPoolAttrs>(tf.AvgPool, averagePool2d),
  fromInput<tf.AvgPool3DAttrs>(tf.AvgPool3D, averagePool3d),
  rule<tf.MaxPoolAttrs>(tf.MaxPool, { inputs: ["x"], outputs: [true] }, (dy, saved, attributes) => {
    const [input, output] = saved as [tf.Tensor, tf.Tensor];
    const { filterSize, strides, pad, dimRoundingMode } = attributes;
    return {
      x: () => runKernel(tf.MaxPoolGrad, { dy, input, output }, { filterSize, strides, pad, dimRoundingMode }),
    };
  }),
  rule<tf.MaxPool3DAttrs>(tf.MaxPool3D, { inputs: ["x"], outputs: [true] }, (dy, saved, attributes) => {
    const [input, output] = saved as [tf.Tensor, tf.Tensor];
    const { filterSize, strides, pad, dimRoundingMode } = attributes;
    return {
      x: () => runKernel(tf.MaxPool3DGrad, { dy, input, output }, { filterSize, strides, pad, dimRoundingMode }),
    };
  }),
  ruleOfMany<tf.MaxPoolWithArgmaxAttrs>(
    tf.MaxPoolWithArgmax,
    { inputs: ["x"], outputs: [true, false] },
    ([dy], saved, { filterSize, strides, pad }) => {
      const [input, output] = saved as [tf.Tensor, tf.Tensor];
      return {
        x: () => runKernel(tf.MaxPoolGrad, { dy: dy as tf.Tensor, input, output }, { filterSize, strides, pad }),
      };
    },
  ),
];
