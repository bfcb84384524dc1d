import * as tf from "@tensorflow/tfjs-core";
import { cases, type GradientCase, positive, zero } from "./case.ts";

type Reduction = (x: tf.Tensor, axis: number | number[] | undefined, keepDims: boolean) => tf.Tensor;

/** Every way to name axes, with and without keeping them. */
const reduction = (kernel: string, f: Reduction, options: Parameters<typeof cases>[3] = {}) =>
  [undefined, 0, -1, [0, 2], [1, -1]].flatMap((axis) =>
    [false, true].flatMap((keep) =>
      cases(kernel, (x) => f(x, axis, keep), ["[2,3,2]"], { ...options, note: `axis ${axis}${keep ? " kept" : ""}` }),
    ),
  );

/** Sums, means, products, extrema and softmax. */
export const reductionCases: readonly GradientCase[] = [
  ...reduction("Max", tf.max, { values: "distinct" }),
  ...reduction("Min", tf.min, { values: "distinct" }),
  ...reduction("Mean", tf.mean),
  ...cases("Mean", (x) => tf.mean(x, 1), ["[2,1]", "[0,3]"]),
  ...reduction("Prod", tf.prod, { values: positive, peer: "throws" }),
  ...cases("Prod", (x) => tf.prod(x, 1), ["[3,3]"], { values: zero, peer: "throws", note: "zeros" }),
  ...reduction("Sum", tf.sum),
  ...cases("Sum", (x) => tf.sum(x, 1), ["[2,0]", "[2,1]", "[0,3]"]),
  ...cases("Softmax", (x) => tf.softmax(x), ["[2,3]", "[2,2,4]", "[1]", "[2,1]", "[0,3]"]),
];

const directions = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

/**
 * Running sums and products in both directions, with and without the element itself. tfjs permutes the axes of a running
 * sum's gradient unless it runs along the last one.
 */
export const cumulativeCases: readonly GradientCase[] = directions.flatMap(([exclusive, reverse]) => {
  const note = `${exclusive ? "exclusive" : "inclusive"}${reverse ? " reversed" : ""}`;
  const sum = (axis: number) => (x: tf.Tensor) => tf.cumsum(x, axis, exclusive, reverse);
  const product = (axis: number) => (x: tf.Tensor) => tf.cumprod(x, axis, exclusive, reverse);
  return [
    ...cases("Cumsum", sum(0), ["[3]", "[0]"], { note }),
    ...cases("Cumsum", sum(0), ["[2,3,4]"], { note: `${note} axis 0`, peer: "throws" }),
    ...cases("Cumsum", sum(2), ["[2,1,5]"], { note: `${note} axis 2` }),
    ...cases("Cumprod", product(0), ["[3,2]", "[1]", "[0]"], { note, values: positive, peer: "absent" }),
    ...cases("Cumprod", product(1), ["[2,5]"], { note: `${note} axis 1`, values: positive, peer: "absent" }),
    ...cases("Cumprod", product(0), ["[4]"], { note: `${note} zeros`, values: zero, peer: "absent" }),
  ];
});
