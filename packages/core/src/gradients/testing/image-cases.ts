import * as tf from "@tensorflow/tfjs-core";
import { cases, type GradientCase, type Peer, positive } from "./case.ts";

type Image = tf.Tensor4D;
type Volume = tf.Tensor5D;

const explicit: tf.backend_util.ExplicitPadding = [
  [0, 0],
  [1, 0],
  [0, 2],
  [0, 0],
];

/** Convolutions and their transposes; tfjs refuses to differentiate dilated ones. */
export const convolutionCases: readonly GradientCase[] = [
  ...cases("Conv2D", (x: Image, w: Image) => tf.conv2d(x, w, 1, "same"), ["[1,3,3,2] [2,2,2,2]"]),
  ...cases("Conv2D", (x: Image, w: Image) => tf.conv2d(x, w, [2, 1], "valid"), ["[2,4,3,1] [3,2,1,2]"]),
  ...cases("Conv2D", (x: Image, w: Image) => tf.conv2d(x, w, 1, explicit), ["[1,2,2,1] [2,2,1,1]"]),
  ...cases("Conv2D", (x: Image, w: Image) => tf.conv2d(x, w, 2, 1, "NHWC", 1, "floor"), ["[1,4,4,1] [3,3,1,1]"]),
  ...cases("Conv2D", (x: Image, w: Image) => tf.conv2d(x, w, 1, "valid", "NCHW"), ["[1,2,3,3] [2,2,2,1]"]),
  ...cases("Conv2D", (x: Image, w: Image) => tf.conv2d(x, w, 1, "same", "NHWC", [2, 1]), ["[1,4,3,1] [2,2,1,2]"], {
    note: "dilated",
    peer: "throws",
  }),
  ...cases("Conv2DBackpropInput", (y: Image, w: Image) => tf.conv2dTranspose(y, w, [1, 4, 4, 2], 2, "same"), [
    "[1,2,2,1] [3,3,2,1]",
  ]),
  ...cases("Conv3D", (x: Volume, w: Volume) => tf.conv3d(x, w, 1, "valid"), ["[1,2,3,2,1] [2,2,1,1,2]"]),
  ...cases(
    "Conv3D",
    (x: Volume, w: Volume) => tf.conv3d(x, w, 1, "same", "NDHWC", [1, 2, 1]),
    ["[1,2,3,2,1] [1,2,2,1,1]"],
    { note: "dilated", peer: "throws" },
  ),
  ...cases(
    "Conv3DBackpropInputV2",
    (y: Volume, w: Volume) => tf.conv3dTranspose(y, w, [1, 2, 2, 4, 1], 2, "same"),
    ["[1,1,1,2,1] [2,2,2,1,1]"],
    { peer: "absent" },
  ),
  ...cases("DepthwiseConv2dNative", (x: Image, w: Image) => tf.depthwiseConv2d(x, w, 1, "same"), [
    "[1,3,3,2] [2,2,2,2]",
  ]),
  ...cases(
    "DepthwiseConv2dNative",
    (x: Image, w: Image) => tf.depthwiseConv2d(x, w, 1, "same", "NHWC", 2),
    ["[1,4,3,2] [2,2,2,1]"],
    { note: "dilated", peer: "throws" },
  ),
  ...cases(
    "Dilation2D",
    (x: Image, w: tf.Tensor3D) => tf.dilation2d(x, tf.mul(w, 0.3), 1, "valid"),
    ["[1,3,3,1] [2,2,1]"],
    { values: "distinct" },
  ),
];

/** Pooling. tfjs's gradient of a padded mean divides by the whole window, its forward pass by what lies inside. */
export const poolingCases: readonly GradientCase[] = [
  ...cases("AvgPool", (x: Image) => tf.avgPool(x, 2, 2, "same"), ["[1,3,5,2]"], { note: "padded", peer: "wrong" }),
  ...cases("AvgPool", (x: Image) => tf.avgPool(x, [2, 1], 1, "valid"), ["[2,3,2,1]"]),
  ...cases("AvgPool3D", (x: Volume) => tf.avgPool3d(x, 2, 1, "valid"), ["[1,2,3,3,1]"]),
  ...cases("AvgPool3D", (x: Volume) => tf.avgPool3d(x, 2, 2, "same"), ["[1,2,3,3,2]"], {
    note: "padded",
    peer: "wrong",
  }),
  ...cases("MaxPool", (x: Image) => tf.maxPool(x, 2, 2, "same"), ["[1,3,3,2]"], { values: "distinct" }),
  ...cases("MaxPool", (x: Image) => tf.maxPool(x, 3, 1, "valid"), ["[1,4,4,1]"], { values: "distinct" }),
  ...cases("MaxPool3D", (x: Volume) => tf.maxPool3d(x, 2, 1, "valid"), ["[1,2,3,2,1]"], { values: "distinct" }),
  ...cases(
    "MaxPoolWithArgmax",
    (x: Image) => tf.maxPoolWithArgmax(x, 2, 1, "valid").result as tf.Tensor,
    ["[1,3,3,1]"],
    {
      values: "distinct",
      peer: "absent",
    },
  ),
];

const [same, wrong, throws] = [undefined, "wrong", "throws"] as const;

const coordinates = [
  [false, false, "corners"],
  [true, false, "aligned corners"],
  [false, true, "half pixels"],
] as const;

/**
 * Larger, smaller and unchanged, in each system of coordinates. tfjs swaps height and width in the bilinear gradient,
 * ignores half pixels, and spreads nearest neighbours over a window that is too wide.
 */
export const resizeCases: readonly GradientCase[] = (
  [
    { from: "[2,3,3,2]", to: [5, 5], bilinear: [same, same, wrong], nearest: [wrong, wrong, wrong] },
    { from: "[1,5,5,1]", to: [3, 2], bilinear: [same, same, wrong], nearest: [same, same, wrong] },
    { from: "[1,2,3,1]", to: [2, 3], bilinear: [throws, throws, throws], nearest: [same, same, same] },
    { from: "[2,3,4,2]", to: [5, 7], bilinear: [throws, throws, throws], nearest: [wrong, wrong, wrong] },
    { from: "[1,1,2,1]", to: [3, 2], bilinear: [throws, throws, throws], nearest: [same, "hangs", same] },
  ] as const
).flatMap(({ from, to, bilinear, nearest }) =>
  coordinates.flatMap(([aligned, half, note], i) => {
    const options = (peer: Peer | undefined) => ({ note: `to ${to}, ${note}`, ...(peer ? { peer } : {}) });
    const size: [number, number] = [...to];
    return [
      ...cases(
        "ResizeBilinear",
        (x: Image) => tf.image.resizeBilinear(x, size, aligned, half),
        [from],
        options(bilinear[i]),
      ),
      ...cases(
        "ResizeNearestNeighbor",
        (x: Image) => tf.image.resizeNearestNeighbor(x, size, aligned, half),
        [from],
        options(nearest[i]),
      ),
    ];
  }),
);

type Vector = tf.Tensor1D;

/** Normalisations that are kernels. */
export const normalizationCases: readonly GradientCase[] = [
  ...cases(
    "FusedBatchNorm",
    (x, m: Vector, v: Vector, o: Vector, s: Vector) => tf.batchNorm(x, m, v, o, s, 0.1),
    ["[2,2,1,3] [3] [3] [3] [3]"],
    { values: positive, note: "by channel" },
  ),
  ...cases(
    "FusedBatchNorm",
    (x, m: tf.Tensor, v: tf.Tensor, o: tf.Tensor, s: tf.Tensor) => tf.batchNorm(x, m, v, o, s, 0.1),
    ["[1,2,1,2] [1,2,1,2] [1,2,1,2] [1,2,1,2] [1,2,1,2]"],
    { values: positive, note: "by element" },
  ),
  ...cases("LRN", (x: Image) => tf.localResponseNormalization(x, 2, 1, 0.5, 0.75), ["[1,2,1,5]"]),
];
