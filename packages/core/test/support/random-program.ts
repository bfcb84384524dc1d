import * as tf from "@tensorflow/tfjs-core";
import { broadcastShapes, range } from "../../src/graph/shapes.ts";
import { type HostTensor, sizeOf } from "../../src/host-tensor.ts";
import { isRecording } from "../../src/trace/record.ts";
import { draw as drawInputs, type Input } from "./inputs.ts";

/** Draws an integer from 0 to `bound` − 1. */
type Draw = (bound: number) => number;

function drawFrom(tape: readonly number[]): Draw {
  let next = 0;
  return (bound) => (tape[next++] ?? 0) % bound;
}

const pick = <T>(draw: Draw, from: readonly T[]): T => from[draw(from.length)] as T;

/** Tensors stay small, so that many programs run in little time. */
const largest = 400;

interface Scope {
  readonly draw: Draw;
  readonly pool: readonly tf.Tensor[];
  /** The arguments: only their values are exactly equal on all engines, so only they may be compared or rounded. */
  readonly inputs: readonly tf.Tensor[];
}

type Step = (x: tf.Tensor, scope: Scope) => tf.Tensor | undefined;

const isFloat = (x: tf.Tensor) => x.dtype === "float32";

function fitsBeside(...shapes: readonly (readonly number[])[]): boolean {
  try {
    return sizeOf(broadcastShapes(...shapes)) <= largest;
  } catch {
    return false;
  }
}

/** Another float that broadcasts with x. */
function partner(x: tf.Tensor, { draw, pool }: Scope): tf.Tensor {
  const fitting = pool.filter((y) => isFloat(y) && fitsBeside(x.shape, y.shape));
  return fitting.length > 0 && draw(4) > 0 ? pick(draw, fitting) : tf.scalar(pick(draw, [0.5, -1.25, 2]));
}

const onFloats =
  (f: (x: tf.Tensor, scope: Scope) => tf.Tensor | undefined): Step =>
  (x, scope) =>
    isFloat(x) ? f(x, scope) : undefined;

// Bounded or tame, so that chains of them neither overflow nor amplify rounding.
const unary: readonly ((x: tf.Tensor) => tf.Tensor)[] = [
  tf.tanh,
  tf.sigmoid,
  tf.softplus,
  tf.erf,
  tf.sin,
  tf.cos,
  tf.relu,
  tf.elu,
  tf.selu,
  tf.abs,
  tf.neg,
  tf.atan,
  tf.asinh,
  (x) => tf.leakyRelu(x, 0.1),
  (x) => tf.exp(tf.neg(tf.square(x))),
  (x) => tf.sqrt(tf.add(tf.square(x), 1)),
  (x) => tf.rsqrt(tf.add(tf.square(x), 0.5)),
  (x) => tf.log1p(tf.square(x)),
  (x) => tf.reciprocal(tf.add(tf.square(x), 1)),
  (x) => tf.clipByValue(x, -1.1, 0.9),
  (x) => tf.expm1(tf.tanh(x)),
];

const binary: readonly ((a: tf.Tensor, b: tf.Tensor) => tf.Tensor)[] = [
  tf.add,
  tf.sub,
  (a, b) => tf.mul(a, tf.tanh(b)),
  (a, b) => tf.div(a, tf.add(tf.square(b), 1)),
  tf.maximum,
  tf.minimum,
  (a, b) => tf.squaredDifference(tf.tanh(a), b),
  (a, b) => tf.pow(tf.add(tf.abs(tf.tanh(a)), 0.5), tf.tanh(b)),
  (a, b) => tf.prelu(tf.add(a, tf.zerosLike(tf.add(a, b))), tf.tanh(b)),
];

/**
 * `tf.where`. Eager tfjs-cpu stretches nothing to an empty shape, and then chooses between tensors of different sizes: there, and
 * only there, a sum of the three stands for it, which is as empty.
 */
function choose(condition: tf.Tensor, x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const isEmpty = sizeOf(broadcastShapes(condition.shape, x.shape, y.shape)) === 0;
  if (isEmpty && !isRecording()) return tf.add(tf.add(x, y), tf.cast(condition, "float32"));
  return tf.where(condition, x, y);
}

/** Some axes, each taken by a coin. */
const someAxes = (draw: Draw, rank: number) => range(rank).filter(() => draw(2) === 0);

const image = (x: tf.Tensor): tf.Tensor4D | undefined => {
  if (x.rank === 4) return x as tf.Tensor4D;
  if (x.rank === 3) return tf.expandDims(x, 0) as tf.Tensor4D;
  return x.rank === 2 ? tf.reshape<tf.Rank.R4>(x, [1, x.shape[0] as number, x.shape[1] as number, 1]) : undefined;
};

/** A constant of any shape, irregular. */
const wave = (shape: readonly number[]) =>
  tf.tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * 1.7 + 0.3)),
    [...shape],
  );

const indices = (draw: Draw, below: number, shape: readonly number[]) =>
  tf.tensor(
    Int32Array.from({ length: sizeOf(shape) }, () => draw(below)),
    [...shape],
    "int32",
  );

const arithmetic: readonly Step[] = [
  onFloats((x, { draw }) => pick(draw, unary)(x)),
  onFloats((x, scope) => {
    const y = partner(x, scope);
    return scope.draw(2) === 0 ? pick(scope.draw, binary)(x, y) : pick(scope.draw, binary)(y, x);
  }),
];

/** By conditions on the arguments. */
const choice: Step = onFloats((x, scope) => {
  const y = partner(x, scope);
  const fits = (c: tf.Tensor) => isFloat(c) && fitsBeside(c.shape, x.shape, y.shape);
  const conditions = scope.inputs.filter(fits);
  if (conditions.length === 0) return undefined;
  const c = pick(scope.draw, conditions);
  const compare = pick(scope.draw, [tf.greater, tf.less, tf.equal, tf.notEqual, tf.greaterEqual, tf.lessEqual]);
  return choose(compare(c, pick(scope.draw, [0, 0.25])), x, y);
});

/** Steps that make a tensor out of one that is there, or decline. */
const steps: readonly Step[] = [
  // Likelier than any one of the others.
  ...range(6).flatMap(() => arithmetic),
  ...range(4).map(() => choice),
  // Roundings and choices of the arguments.
  (_, { draw, inputs }) => {
    const x = pick(draw, inputs);
    if (x.dtype === "bool") return tf.cast(tf.logicalNot(x), "float32");
    if (x.dtype === "int32") return tf.cast(pick(draw, [tf.neg, tf.abs, tf.sign, tf.square])(x), "float32");
    return pick(draw, [tf.floor, tf.ceil, tf.round, tf.sign])(x);
  },
  (_, { draw, inputs }) => {
    const x = pick(draw, inputs);
    if (!isFloat(x) || x.rank === 0 || x.size === 0) return undefined;
    const index = draw(2) === 0 ? tf.argMax(x, draw(x.rank)) : tf.argMin(x, draw(x.rank));
    return tf.oneHot(index, 3, 0.75, -0.5, "float32");
  },
  (_, { draw, inputs }) => {
    const x = pick(draw, inputs);
    if (!isFloat(x) || (x.shape.at(-1) ?? 0) === 0) return undefined;
    return tf.topk(x, 1 + draw(x.shape.at(-1) as number)).values;
  },
  (x, { draw }) => (x.dtype === "bool" ? tf.cast(x, pick(draw, ["float32", "int32"])) : undefined),
  (x) => (x.dtype === "int32" ? tf.tanh(tf.cast(x, "float32")) : undefined),
  (x, { draw, pool }) => {
    const others = pool.filter((y) => y.dtype === "int32" && fitsBeside(x.shape, y.shape));
    if (x.dtype !== "int32" || others.length === 0) return undefined;
    return pick(draw, [tf.add, tf.sub, tf.mul, tf.maximum, tf.minimum])(x, pick(draw, others));
  },
  // Reductions, scans, normalisations.
  onFloats((x, { draw }) => {
    const axes = someAxes(draw, x.rank);
    if (axes.length === 0) return undefined;
    const keep = draw(2) === 0;
    if (axes.some((axis) => x.shape[axis] === 0)) return draw(2) === 0 ? tf.sum(x, axes, keep) : tf.mean(x, axes, keep);
    const reduce = pick(draw, [tf.sum, tf.mean, tf.max, tf.min, tf.logSumExp]);
    return reduce(x, axes, keep);
  }),
  onFloats((x, { draw }) => (x.rank === 0 ? undefined : tf.prod(tf.tanh(x), draw(x.rank)))),
  onFloats((x, { draw }) => (x.rank === 0 ? undefined : tf.cumsum(x, draw(x.rank), draw(2) === 0, draw(2) === 0))),
  onFloats((x, { draw }) =>
    x.rank === 0 ? undefined : tf.cumprod(tf.tanh(x), draw(x.rank), draw(2) === 0, draw(2) === 0),
  ),
  onFloats((x) => (x.rank === 0 || x.shape.at(-1) === 0 ? undefined : tf.softmax(x))),
  onFloats((x) => (x.rank === 0 || x.shape.at(-1) === 0 ? undefined : tf.logSoftmax(x))),
  // Products.
  onFloats((x, { draw, pool }) => {
    if (x.rank < 2) return undefined;
    const [transposeA, transposeB] = [draw(2) === 0, draw(2) === 0];
    const inner = x.shape.at(transposeA ? -2 : -1);
    const batch = x.shape.slice(0, -2);
    const isFitting = (y: tf.Tensor) =>
      isFloat(y) &&
      y.rank >= 2 &&
      y.shape.at(transposeB ? -1 : -2) === inner &&
      // tfjs-cpu does not stretch two batches against each other.
      (y.rank === 2 || `${y.shape.slice(0, -2)}` === `${batch}`);
    const fitting = pool.filter(isFitting);
    const columns = 1 + draw(3);
    const other = transposeB ? [columns, inner as number] : [inner as number, columns];
    return tf.matMul(x, fitting.length > 0 ? pick(draw, fitting) : wave(other), transposeA, transposeB);
  }),
  onFloats((x, { draw }) => {
    if (x.rank !== 3) return undefined;
    const [a, b, c] = x.shape as [number, number, number];
    return draw(2) === 0 ? tf.einsum("abc,cd->abd", x, wave([c, 2])) : tf.einsum("abc,abd->acd", x, wave([a, b, 2]));
  }),
  // Layout.
  (x, { draw }) => {
    const order = range(x.rank);
    const permutation = x.shape.map(() => order.splice(draw(order.length), 1)[0] as number);
    return tf.transpose(x, permutation);
  },
  (x, { draw }) => {
    const axis = draw(x.rank + 1);
    const size = x.shape[axis];
    if (size === undefined || draw(2) === 0) return tf.expandDims(x, axis);
    const parts = size % 2 === 0 && size > 0 ? [2, size / 2] : [size, 1];
    return tf.reshape(x, [...x.shape.slice(0, axis), ...parts, ...x.shape.slice(axis + 1)]);
  },
  (x) => (x.rank > 2 ? tf.reshape(x, [x.shape[0] as number, sizeOf(x.shape.slice(1))]) : undefined),
  (x, { draw }) => {
    const begin = x.shape.map((size) => draw(size + 1));
    return tf.slice(
      x,
      begin,
      x.shape.map((size, i) => draw(size - (begin[i] as number) + 1)),
    );
  },
  (x, { draw }) => {
    if (x.rank === 0 || x.size === 0) return undefined;
    const isBackward = x.shape.map(() => draw(3) === 0);
    return tf.stridedSlice(
      x,
      x.shape.map((size, i) => (isBackward[i] ? size - 1 : draw(size))),
      x.shape.map((size, i) => (isBackward[i] ? 0 : size)),
      isBackward.map((backward) => (backward ? -1 : 1) * (1 + draw(2))),
    );
  },
  onFloats((x, { draw }) => {
    if (x.rank === 0) return undefined;
    const paddings = x.shape.map((): [number, number] => [draw(2), draw(3)]);
    const isMirrored = x.shape.every((size) => size >= 3) && draw(3) === 0;
    return isMirrored
      ? tf.mirrorPad(x, paddings, pick(draw, ["reflect", "symmetric"]))
      : tf.pad(x, paddings, pick(draw, [0, 0, 1.5]));
  }),
  (x, { draw, pool }) => {
    if (x.rank === 0) return undefined;
    const axis = draw(x.rank);
    const isFitting = (y: tf.Tensor) =>
      y.dtype === x.dtype && y.rank === x.rank && y.shape.every((size, i) => i === axis || size === x.shape[i]);
    return tf.concat([x, pick(draw, pool.filter(isFitting)), x], axis);
  },
  (x, { draw, pool }) => {
    const same = pool.filter((y) => y.dtype === x.dtype && `${y.shape}` === `${x.shape}`);
    return tf.stack([x, pick(draw, same)], draw(x.rank + 1));
  },
  (x, { draw }) => {
    const even = range(x.rank).filter((axis) => (x.shape[axis] as number) % 2 === 0 && x.shape[axis] !== 0);
    if (even.length === 0 || !isFloat(x)) return undefined;
    const [a, b] = tf.split(x, 2, pick(draw, even)) as [tf.Tensor, tf.Tensor];
    return draw(2) === 0 ? tf.sub(a, b) : b;
  },
  (x, { draw }) => (x.rank === 0 ? undefined : tf.tile(x, x.shape.map(() => 1 + draw(2)))), // biome-ignore format: one step
  (x, { draw }) => (x.rank === 0 ? undefined : tf.reverse(x, draw(x.rank))),
  onFloats((x, { draw }) => {
    if (x.size === 0) return undefined;
    const shape = [...(draw(2) === 0 ? [2] : []), ...x.shape.map((size) => (size === 1 ? 1 + draw(3) : size))];
    return tf.broadcastTo(x, shape);
  }),
  // Lookups.
  (x, { draw }) => {
    const axis = draw(Math.max(1, x.rank));
    const size = x.shape[axis];
    return size ? tf.gather(x, indices(draw, size, [1 + draw(3)]) as tf.Tensor1D, axis) : undefined;
  },
  onFloats((x, { draw }) => {
    const [rows] = x.shape;
    // The gradient of one is the other, and eager tfjs-cpu gathers nothing from what is empty.
    if (!rows || x.size === 0) return undefined;
    return draw(2) === 0
      ? tf.gatherND(x, indices(draw, rows, [3, 1]))
      : tf.scatterND(indices(draw, 2, [rows, 1]), x, [2, ...x.shape.slice(1)]);
  }),
  onFloats((x, { draw }) => {
    const [rows] = x.shape;
    return rows ? tf.unsortedSegmentSum(x, indices(draw, 3, [rows]) as tf.Tensor1D, 3) : undefined;
  }),
  // Images.
  onFloats((x, { draw }) => {
    const picture = image(x);
    if (!picture || picture.size === 0) return undefined;
    const [, height, width, channels] = picture.shape;
    const window = [1 + draw(Math.min(3, height)), 1 + draw(Math.min(3, width))] as const;
    const strides: [number, number] = [1 + draw(2), 1 + draw(2)];
    const pad = pick(draw, ["same", "valid"] as const);
    switch (draw(4)) {
      case 0:
        return tf.conv2d(picture, wave([...window, channels, 2]) as tf.Tensor4D, strides, pad);
      case 1:
        return tf.depthwiseConv2d(picture, wave([...window, channels, 2]) as tf.Tensor4D, strides[0], pad);
      case 2:
        return tf.avgPool(picture, [...window], strides, pad);
      default:
        return tf.image.resizeBilinear(picture, [1 + draw(4), 1 + draw(4)], draw(3) === 0);
    }
  }),
  (_, { draw, inputs }) => {
    const picture = image(pick(draw, inputs));
    if (!picture || picture.size === 0 || !isFloat(picture)) return undefined;
    const window = 1 + draw(Math.min(2, picture.shape[1], picture.shape[2]));
    return tf.maxPool(picture, window, 1 + draw(2), pick(draw, ["same", "valid"]));
  },
  onFloats((x) => {
    const picture = image(x);
    if (!picture || picture.size === 0) return undefined;
    const channels = wave([picture.shape[3]]) as tf.Tensor1D;
    return tf.batchNorm(picture, channels, tf.add(tf.square(channels), 0.5) as tf.Tensor1D, channels, channels);
  }),
];

/** What the axes of the arguments are drawn from. */
export const axisSizes = {
  common: [2, 3, 1, 4, 2, 3, 1, 4, 2, 0],
  /** Axes of one element that are stretched to none. */
  "often empty": [1, 0, 2, 1],
} as const;

/** A program made of decisions: tapes of natural numbers, the first for its arguments and one more for each step. */
export class RandomProgram {
  readonly inputs: readonly HostTensor[];
  readonly #tapes: readonly (readonly number[])[];
  /** Steps that tfjs-cpu refuses, as it does some on empty tensors. */
  readonly #refused = new Set<number>();

  constructor([first = [], ...rest]: readonly (readonly number[])[], sizes: readonly number[] = axisSizes.common) {
    const draw = drawFrom(first);
    const types: Input[] = range(2 + draw(3)).map((i) => {
      const dtype = i === 0 ? "float32" : pick(draw, ["float32", "float32", "float32", "int32", "bool"] as const);
      const shape = range(draw(4)).map(() => pick(draw, sizes));
      const values = { float32: { low: -2, high: 2 }, int32: [-3, -1, 0, 1, 2, 4], bool: [0, 1] }[dtype];
      return { dtype, shape, values };
    });
    this.inputs = drawInputs(types, draw(1000));
    this.#tapes = rest;
    tf.tidy(() => {
      this.#run(
        this.inputs.map(({ data, shape, dtype }) => tf.tensor(data, [...shape], dtype as "float32")),
        true,
      );
    });
  }

  /** What the steps compute: every value that no other step reads. */
  run(inputs: readonly tf.Tensor[]): tf.Tensor[] {
    return this.#run(inputs, false);
  }

  /** A scalar that depends on all floats that the program returns. */
  loss(inputs: readonly tf.Tensor[]): tf.Tensor {
    const floats = this.run(inputs).filter(isFloat);
    // An empty tensor has no mean, but a sum, and so a gradient to send back.
    const sums = floats.map((x, i) => (x.size > 0 ? tf.mean : tf.sum)(tf.mul(tf.sin(x), 1 + i / 4)));
    return sums.reduce((a, b) => tf.add(a, b), tf.scalar(0));
  }

  #run(inputs: readonly tf.Tensor[], isTrial: boolean): tf.Tensor[] {
    const pool = [...inputs];
    const read = new Set<tf.Tensor>();
    for (const [i, tape] of this.#tapes.entries()) {
      if (this.#refused.has(i)) continue;
      const draw = drawFrom(tape);
      const back = Math.min(draw(pool.length), draw(pool.length), draw(pool.length));
      const x = pool[pool.length - 1 - back] as tf.Tensor;
      let made: tf.Tensor | undefined;
      try {
        made = pick(draw, steps)(x, { draw, pool, inputs });
        // Some kernels of tfjs-cpu answer empty tensors with a broken one.
        if (isTrial && made && made.dataSync().length !== sizeOf(made.shape)) throw new RangeError("broken");
      } catch (error) {
        if (!isTrial) throw error;
        this.#refused.add(i);
      }
      if (!made || made.size > largest || made.rank > 6) continue;
      read.add(x);
      pool.push(made);
    }
    return pool.filter((x) => !read.has(x) && !inputs.includes(x));
  }
}
