import * as tf from "@tensorflow/tfjs-core";
import type { Node } from "../../../graph/graph.ts";
import type { WindowAttributes } from "../../../graph/operations.ts";

type Image = [batch: number, height: number, width: number, channels: number];

/** Padding as tfjs's kernels take it: one pair an axis. */
function explicitPadding({ padding }: Pick<WindowAttributes, "padding">): tf.backend_util.ExplicitPadding {
  const { top, bottom, left, right } = padding;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

/** tfjs-node computes borders of its own, which are neither none nor TensorFlow's "same", in the forward pass of convolutions alone. */
const needsBorder = ({ padding }: Pick<WindowAttributes, "padding">): boolean =>
  tf.getBackend() === "tensorflow" && Object.values(padding).some((size) => size > 0);

const borderless = { top: 0, bottom: 0, left: 0, right: 0 };

/** The image within its border. */
const bordered = (x: tf.Tensor, attributes: Pick<WindowAttributes, "padding">, value: number): tf.Tensor =>
  tf.pad(x, explicitPadding(attributes), value);

// The public functions refuse strides together with dilations; the kernels compute them.
function runKernel(name: string, inputs: { [name: string]: tf.Tensor }, attributes: object): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap) as tf.Tensor;
}

/** Filter taps with zeros between them, which is what a dilated filter is. */
function dilate(filter: tf.Tensor, [high, wide]: readonly [number, number]): tf.Tensor {
  if (high === 1 && wide === 1) return filter;
  const [height, width, channels, outputs] = filter.shape as Image;
  const taps = tf.reshape(filter, [height, 1, width, 1, channels * outputs]);
  const padded = tf.pad(taps, [
    [0, 0],
    [0, high - 1],
    [0, 0],
    [0, wide - 1],
    [0, 0],
  ]);
  const grid = tf.reshape(padded, [height * high, width * wide, channels, outputs]);
  return tf.slice(grid, 0, [(height - 1) * high + 1, (width - 1) * wide + 1, channels, outputs]);
}

/** Splits channels of image and filter into groups, and joins what `each` makes of them along the last axis. */
function inGroups(
  groups: number,
  image: tf.Tensor,
  filter: tf.Tensor,
  each: (image: tf.Tensor, filter: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  if (groups === 1) return each(image, filter);
  const [images, filters] = [tf.split(image, groups, 3), tf.split(filter, groups, 3)];
  return tf.concat(
    images.map((part, i) => each(part, filters[i] as tf.Tensor)),
    3,
  );
}

/** [h, w, 1, C·m] → tfjs's depthwise filter [h, w, C, m]. */
function depthwiseFilter(filter: tf.Tensor, channels: number): tf.Tensor {
  const [height, width, , outputs] = filter.shape as Image;
  return tf.reshape(filter, [height, width, channels, outputs / channels]);
}

/** Convolution of an NHWC image with an HWIO filter. */
export function conv2d({ attributes, inputs }: Node<"conv2d">, x: tf.Tensor, filter: tf.Tensor): tf.Tensor {
  const { strides, dilations, groups } = attributes;
  const channels = inputs[0]?.shape[3] as number;
  const pad = explicitPadding(attributes);
  if (groups === channels && groups > 1) {
    const wide = depthwiseFilter(dilate(filter, dilations), channels);
    return runKernel(tf.DepthwiseConv2dNative, { x, filter: wide }, { strides, pad, dilations: [1, 1] });
  }
  return inGroups(groups, x, filter, (image, part) =>
    runKernel(tf.Conv2D, { x: image, filter: part }, { strides, pad, dataFormat: "NHWC", dilations }),
  );
}

/** The transpose of the convolution as a linear map of its image. */
export function conv2dInputGradient(
  { attributes }: Pick<Node<"conv2dInputGradient">, "attributes">,
  dy: tf.Tensor,
  filter: tf.Tensor,
): tf.Tensor {
  const { shape, strides, dilations, groups } = attributes;
  const [batch, height, width, channels] = shape as Image;
  if (needsBorder(attributes)) {
    const { top, bottom, left, right } = attributes.padding;
    const whole = { shape: [batch, height + top + bottom, width + left + right, channels], padding: borderless };
    const gradient = conv2dInputGradient({ attributes: { ...attributes, ...whole } }, dy, filter);
    return tf.slice(gradient, [0, top, left, 0], [...shape]);
  }
  const pad = explicitPadding(attributes);
  const wide = dilate(filter, dilations);
  if (groups === channels && groups > 1) {
    return runKernel(
      tf.DepthwiseConv2dNativeBackpropInput,
      { dy, filter: depthwiseFilter(wide, channels) },
      { strides, pad, dilations: [1, 1], inputShape: shape },
    );
  }
  return inGroups(groups, dy, wide, (gradient, part) =>
    runKernel(
      tf.Conv2DBackpropInput,
      { dy: gradient, filter: part },
      { strides, pad, dataFormat: "NHWC", inputShape: [batch, height, width, channels / groups] },
    ),
  );
}

/** Maximum or mean under a sliding window, of what the window has of the image. */
export function pool({ operation, attributes }: Node<"maxPool"> | Node<"averagePool">, x: tf.Tensor): tf.Tensor {
  const { window, strides, dilations } = attributes;
  if (dilations.some((dilation) => dilation !== 1)) {
    throw new RangeError(`${operation} with dilations [${dilations}]: tfjs pools without dilation only`);
  }
  const kernel = operation === "maxPool" ? tf.MaxPool : tf.AvgPool;
  const over = (image: tf.Tensor, pad: tf.backend_util.ExplicitPadding): tf.Tensor =>
    runKernel(kernel, { x: image }, { filterSize: window, strides, pad });
  if (!needsBorder(attributes)) return over(x, explicitPadding(attributes));
  const none = explicitPadding({ padding: borderless });
  if (operation === "maxPool") return over(bordered(x, attributes, -Infinity), none);
  // The mean counts elements of the image alone: the share of them under each window takes the border out.
  const share = over(bordered(tf.onesLike(x), attributes, 0), none);
  return tf.div(over(bordered(x, attributes, 0), none), share);
}
