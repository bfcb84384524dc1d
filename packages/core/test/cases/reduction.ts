import * as tf from "@tensorflow/tfjs-core";
import { bools, edgy, floats, given, type Input, ints, small } from "../support/inputs.ts";
import { type KernelCase, on, wrongly } from "./case.ts";

const axes: readonly (readonly [shape: readonly number[], axis: number | number[] | undefined, keepDims: boolean])[] = [
  [[3, 4], undefined, false],
  [[3, 4], 1, false],
  [[3, 4], -2, true],
  [[2, 3, 4], [0, -1], false],
  [[2, 3, 4, 2], [1, 2], true],
  [[1, 1], 0, false],
  [[2, 1, 3], 1, true],
  [[], undefined, false],
];
type Reduction = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;
const reductionOf = (name: string, f: Reduction, makers: readonly ((...shape: number[]) => Input)[]) =>
  makers.flatMap((make) =>
    axes.map(([shape, axis, keepDims]) =>
      on(
        name,
        `over ${axis ?? "all"}${keepDims ? ", kept" : ""}`,
        (x: tf.Tensor) => f(x, axis, keepDims),
        make(...shape),
      ),
    ),
  );
const overNothing = (name: string, f: Reduction, make: (...shape: number[]) => Input) => [
  on(name, "over an empty axis", (x: tf.Tensor) => f(x, 0), make(0, 3)),
  on(name, "of rows of nothing", (x: tf.Tensor) => f(x, 1, true), make(3, 0)),
  on(name, "of no rows", (x: tf.Tensor) => f(x, 1), make(0, 3)),
];

/** tfjs-cpu answers with what lies behind the tensor in memory. */
const extremeOfNothing = (name: string, f: Reduction, make: (...shape: number[]) => Input, value: number) => {
  const every =
    (...shape: number[]) =>
    () =>
      tf.fill(shape, value, make().dtype as "int32");
  return [
    wrongly(
      on(name, "over an empty axis", (x: tf.Tensor) => f(x, 0), make(0, 3)),
      every(3),
    ),
    wrongly(
      on(name, "of rows of nothing", (x: tf.Tensor) => f(x, 1, true), make(3, 0)),
      every(3, 1),
    ),
    wrongly(
      on(name, "of nothing at all", (x: tf.Tensor) => f(x), make(2, 0)),
      every(),
    ),
  ];
};

/** NaN first, in the middle, last, twice, everywhere and beside infinities, along an axis that lies in one piece and one that does not. */
const notNumbers = (name: string, f: (x: tf.Tensor, axis: number) => tf.Tensor) => {
  const [none, most] = [Number.NaN, Number.POSITIVE_INFINITY];
  const rows = [
    [none, 1, 3, 2],
    [1, none, 3, 2],
    [3, 1, 2, none],
    [2, none, none, 2],
    [none, none, none, none],
    [-most, none, -most, most],
    [most, none, -most, none],
  ];
  return [0, 1].map((axis) => {
    const table = axis === 1 ? rows : [0, 1, 2, 3].map((column) => rows.map((row) => row[column] as number));
    const shape = [table.length, (table[0] as number[]).length];
    return on(name, `along axis ${axis}, of NaN`, (x: tf.Tensor) => f(x, axis), given("float32", shape, table.flat()));
  });
};

/** Reductions, searches and scans along axes. */
export const reductionCases: readonly KernelCase[] = [
  ...reductionOf("Sum", tf.sum, [floats, ints, bools]),
  ...overNothing("Sum", tf.sum, floats),
  ...overNothing("Sum", tf.sum, ints),
  ...reductionOf("Prod", tf.prod, [floats, small, bools]),
  ...overNothing("Prod", tf.prod, floats),
  ...reductionOf("Mean", tf.mean, [floats, ints, bools]),
  ...overNothing("Mean", tf.mean, floats),
  ...reductionOf("Max", tf.max, [floats, ints, bools]),
  ...reductionOf("Min", tf.min, [floats, ints, bools]),
  on("Max", "with NaN", (x: tf.Tensor) => tf.max(x, 1), edgy(9, 9)),
  on("Min", "with NaN", (x: tf.Tensor) => tf.min(x, 1), edgy(9, 9)),
  on("Max", "with NaN, over rows", (x: tf.Tensor) => tf.max(x, 0), edgy(9, 9)),
  on("Min", "with NaN, over everything", (x: tf.Tensor) => tf.min(x), edgy(9, 9)),
  on("Max", "of no rows", (x: tf.Tensor) => tf.max(x, 1), floats(0, 3)),
  ...extremeOfNothing("Max", tf.max, floats, Number.NEGATIVE_INFINITY),
  ...extremeOfNothing("Min", tf.min, floats, Number.POSITIVE_INFINITY),
  ...extremeOfNothing("Max", tf.max, ints, -(2 ** 31)),
  ...extremeOfNothing("Min", tf.min, ints, 2 ** 31 - 1),
  ...extremeOfNothing("Max", tf.max, bools, 0),
  ...extremeOfNothing("Min", tf.min, bools, 1),
  ...extremeOfNothing("All", tf.all as Reduction, bools, 1),
  ...extremeOfNothing("Any", tf.any as Reduction, bools, 0),
  ...reductionOf("All", tf.all as Reduction, [bools]),
  ...reductionOf("Any", tf.any as Reduction, [bools]),
  on("ArgMax", "", (x: tf.Tensor) => tf.argMax(x, -1), floats(3, 4)),
  on("ArgMax", "of integers with ties", (x: tf.Tensor) => tf.argMax(x, 0), small(9, 4)),
  on("ArgMax", "of booleans", (x: tf.Tensor) => tf.argMax(x, 1), bools(5, 4)),
  ...notNumbers("ArgMax", tf.argMax),
  on("ArgMax", "over an empty axis", (x: tf.Tensor) => tf.argMax(x, 0), floats(0, 3)),
  on("ArgMin", "of rows of nothing", (x: tf.Tensor) => tf.argMin(x, 1), ints(3, 0)),
  on("ArgMin", "", (x: tf.Tensor) => tf.argMin(x, 0), floats(3, 4)),
  on("ArgMin", "of integers with ties", (x: tf.Tensor) => tf.argMin(x, 1), small(4, 9)),
  ...notNumbers("ArgMin", tf.argMin),
  ...[0, 1, 2].flatMap((axis) =>
    [false, true].flatMap((exclusive) =>
      [false, true].flatMap((reverse) => [
        on(
          "Cumsum",
          `axis ${axis}${exclusive ? ", exclusive" : ""}${reverse ? ", reverse" : ""}`,
          (x: tf.Tensor) => tf.cumsum(x, axis, exclusive, reverse),
          axis === 0 ? ints(3, 2, 4) : floats(3, 2, 4),
        ),
        on(
          "Cumprod",
          `axis ${axis}${exclusive ? ", exclusive" : ""}${reverse ? ", reverse" : ""}`,
          (x: tf.Tensor) => tf.cumprod(x, axis, exclusive, reverse),
          axis === 0 ? small(3, 2, 4) : floats(3, 2, 5),
        ),
      ]),
    ),
  ),
  on("Cumsum", "of booleans", (x: tf.Tensor) => tf.cumsum(x, 0), bools(5)),
  on("Cumsum", "of nothing", (x: tf.Tensor) => tf.cumsum(x, 1), floats(2, 0)),
  on("Cumprod", "of nothing", (x: tf.Tensor) => tf.cumprod(x, 1), floats(2, 0)),
  on("Cumprod", "of one", (x: tf.Tensor) => tf.cumprod(x, 1, true), floats(2, 1)),
  on("Softmax", "", tf.softmax, floats(3, 5)),
  on("Softmax", "with infinities", tf.softmax, given("float32", [2, 3], [1, -Infinity, 2, 0, 1000, -1000])),
  on("Softmax", "of no rows", tf.softmax, floats(0, 3)),
  on("Softmax", "of one element", tf.softmax, floats(4, 1)),
];
