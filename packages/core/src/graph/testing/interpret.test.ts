import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { type DType, type HostTensor, hostTensor, newData, sizeOf } from "../../host-tensor.ts";
import type { CollectiveOperation } from "../collectives.ts";
import { GraphBuilder, type Node } from "../graph.ts";
import {
  type Attributes,
  type BinaryOperation,
  binaryOperations,
  type Operation,
  type ReductionOperation,
  type UnaryOperation,
  unaryOperations,
} from "../operations.ts";
import { interpretGraph, interpretNode, interpretValues } from "./interpret.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const f32 = (shape: readonly number[], ...values: number[]) => hostTensor("float32", shape, Float32Array.from(values));
const i32 = (shape: readonly number[], ...values: number[]) => hostTensor("int32", shape, Int32Array.from(values));
const bool = (shape: readonly number[], ...values: number[]) => hostTensor("bool", shape, Uint8Array.from(values));

/** Irregular numbers between −2 and 2, the same on every run. */
const wave = (...shape: number[]) =>
  hostTensor(
    "float32",
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => 2 * Math.sin(1 + 1.7 * i * i)),
  );

function run<O extends Operation>(operation: O, inputs: readonly HostTensor[], attributes: Attributes[O]): HostTensor {
  const builder = new GraphBuilder();
  const nodes = inputs.map(({ dtype, shape }, i) => builder.input(`${i}`, dtype, shape));
  return interpretGraph(builder.build([builder.add(operation, nodes, attributes)]), inputs)[0] as HostTensor;
}

const tensorOf = ({ dtype, shape, data }: HostTensor) => tf.tensor(data, [...shape], dtype as "float32");

/** What TensorFlow.js's own CPU backend computes for the same tensors. */
function tfjs(f: (...tensors: tf.Tensor[]) => tf.Tensor, ...inputs: HostTensor[]): HostTensor {
  const result = f(...inputs.map(tensorOf));
  // tfjs casts integers to floats by changing the label only; the data stay an Int32Array.
  const data = newData(result.dtype as DType, result.size);
  data.set(result.dataSync());
  return hostTensor(result.dtype as DType, result.shape, data);
}

function expectClose(actual: HostTensor, expected: HostTensor, tolerance = 1e-5): void {
  expect([actual.dtype, ...actual.shape]).toEqual([expected.dtype, ...expected.shape]);
  for (const [i, value] of actual.data.entries()) {
    const wanted = expected.data[i] as number;
    if (Object.is(value, wanted)) continue;
    expect(Math.abs(value - wanted), `element ${i}: ${value} against ${wanted}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(wanted)),
    );
  }
}

type FloatUnary = Exclude<UnaryOperation, "not" | "expm1">;
type UnaryOp = (x: tf.Tensor) => tf.Tensor;

const unaryPeers: Readonly<Record<FloatUnary, UnaryOp>> = {
  neg: tf.neg, abs: tf.abs, sign: tf.sign, exp: tf.exp, log: tf.log, log1p: tf.log1p, sqrt: tf.sqrt, rsqrt: tf.rsqrt,
  reciprocal: tf.reciprocal, square: tf.square, sin: tf.sin, cos: tf.cos, tan: tf.tan, asin: tf.asin, acos: tf.acos,
  atan: tf.atan, sinh: tf.sinh, cosh: tf.cosh, tanh: tf.tanh, asinh: tf.asinh, acosh: tf.acosh, atanh: tf.atanh,
  sigmoid: tf.sigmoid, softplus: tf.softplus, erf: tf.erf, relu: tf.relu, elu: tf.elu, ceil: tf.ceil, floor: tf.floor,
  round: tf.round, isNaN: tf.isNaN, isInf: tf.isInf, isFinite: tf.isFinite,
}; // biome-ignore format: a table

type FloatBinary = Exclude<
  BinaryOperation,
  "and" | "or" | "xor" | "bitAnd" | "bitOr" | "bitXor" | "shiftLeft" | "shiftRight"
>;

const binaryPeers: Readonly<Record<FloatBinary, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div,
  // tfjs casts the quotient to int32.
  floorDiv: (a, b) => tf.cast(tf.floorDiv(a, b), "float32"), mod: tf.mod, pow: tf.pow, max: tf.maximum,
  min: tf.minimum, atan2: tf.atan2, equal: tf.equal, notEqual: tf.notEqual, less: tf.less, lessEqual: tf.lessEqual,
  greater: tf.greater, greaterEqual: tf.greaterEqual,
}; // biome-ignore format: a table

describe("elementwise operations", () => {
  const numbers = f32([10], -1.5, -0.75, -0.5, 0, 0.25, 0.5, 0.999, 1.5, 2.5, 3.25);

  it.each(Object.entries(unaryPeers))("%s agrees with tfjs", (operation, peer) => {
    expectClose(run(operation as FloatUnary, [numbers], {}), tfjs(peer, numbers));
  });

  it.each(Object.entries(binaryPeers))("%s agrees with tfjs, broadcasting", (operation, peer) => {
    const [a, b] = [f32([4, 1], 1.5, 2, 0.5, 3), f32([2, 1, 3], 2, 0.5, 1.5, 3, 1, 2.5)];
    expectClose(run(operation as FloatBinary, [a, b], {}), tfjs(peer, a, b));
  });

  it("has every operation of the tables", () => {
    expect(unaryOperations.filter((operation) => !(operation in unaryPeers))).toEqual(["expm1", "not"]);
    expect(binaryOperations.filter((operation) => !(operation in binaryPeers))).toEqual([
      "and", "or", "xor", "bitAnd", "bitOr", "bitXor", "shiftLeft", "shiftRight",
    ]); // biome-ignore format: a list
  });

  it("keeps what expm1 is for: digits near 0", () => {
    expectClose(run("expm1", [f32([2], 1e-6, 1)], {}), f32([2], 1.0000005e-6, 1.7182818));
  });

  it("takes logic on bools and bits on integers", () => {
    const [p, q] = [bool([4], 0, 0, 1, 1), bool([4], 0, 1, 0, 1)];
    expect(run("not", [p], {}).data).toEqual(Uint8Array.of(1, 1, 0, 0));
    expect(run("and", [p, q], {}).data).toEqual(Uint8Array.of(0, 0, 0, 1));
    expect(run("or", [p, q], {}).data).toEqual(Uint8Array.of(0, 1, 1, 1));
    expect(run("xor", [p, q], {}).data).toEqual(Uint8Array.of(0, 1, 1, 0));
    const [a, b] = [i32([2], 0b1100, -1), i32([2], 0b1010, 4)];
    expect(run("bitAnd", [a, b], {}).data).toEqual(Int32Array.of(0b1000, 4));
    expect(run("bitOr", [a, b], {}).data).toEqual(Int32Array.of(0b1110, -1));
    expect(run("bitXor", [a, b], {}).data).toEqual(Int32Array.of(0b0110, -5));
    expect(run("shiftLeft", [a, b], {}).data).toEqual(Int32Array.of(0b1100 << 10, -16));
    expect(run("shiftRight", [a, b], {}).data).toEqual(Int32Array.of(0, 0x0fffffff));
  });

  it("wraps integers around at 32 bits, also where a double has too few digits", () => {
    const [a, b] = [i32([2], 2 ** 31 - 1, 123456789), i32([2], 2, 987654321)];
    expect(run("add", [a, a], {}).data[0]).toBe(-2);
    // 123456789 · 987654321 = 121932631112635269 ≡ −67153019 (mod 2³²)
    expect(run("mul", [a, b], {}).data).toEqual(Int32Array.of(-2, -67153019));
    expect(run("square", [i32([1], 123456789)], {}).data[0]).toBe(Number(BigInt.asIntN(32, 123456789n ** 2n)));
    expect(run("div", [i32([1], -7), i32([1], 2)], {}).data[0]).toBe(-3);
    expect(run("floorDiv", [i32([1], -7), i32([1], 2)], {}).data[0]).toBe(-4);
  });

  it("propagates NaN through max and min, and rounds halves to even", () => {
    const nan = f32([2], Number.NaN, 1);
    expect(run("max", [nan, f32([1], 0)], {}).data).toEqual(Float32Array.of(Number.NaN, 1));
    expect(run("relu", [nan], {}).data[0]).toBeNaN();
    expect(run("round", [f32([4], 0.5, 1.5, 2.5, -0.5)], {}).data).toEqual(Float32Array.of(0, 2, 2, -0));
  });

  it("has the error function of published tables", () => {
    // Abramowitz and Stegun, table 7.1: erf 0.5, 1, 2; erfc(3) = 2.209049699858544e-5.
    const [near, one, two, far] = interpretErf(0.5, 1, 2, 3);
    expect(near).toBeCloseTo(0.5204998778130465, 14);
    expect(one).toBeCloseTo(0.8427007929497149, 14);
    expect(two).toBeCloseTo(0.9953222650189527, 14);
    expect(far).toBeCloseTo(1 - 2.209049699858544e-5, 14);
  });
});

function interpretErf(...points: number[]): Float64Array {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", [points.length]);
  const graph = builder.build([builder.add("erf", [x], {})]);
  return interpretValues(graph, [f32([points.length], ...points)], { rounding: "none" })[0]?.data as Float64Array;
}

const reductionPeers: Readonly<
  Record<ReductionOperation, (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor>
> = { reduceSum: tf.sum, reduceMax: tf.max, reduceMin: tf.min, reduceProd: tf.prod };

describe.each(Object.entries(reductionPeers))("%s", (operation, peer) => {
  it.each([[[0]], [[1]], [[2]], [[0, 2]], [[0, 1, 2]]])("agrees with tfjs over axes %j", (axes) => {
    for (const keepDims of [false, true]) {
      const x = wave(2, 3, 4);
      expectClose(
        run(operation as ReductionOperation, [x], { axes, keepDims }),
        tfjs((t) => peer(t, axes, keepDims), x),
      );
    }
  });
});

const padding = { top: 1, bottom: 0, left: 2, right: 1 };
const tfjsPads: [[number, number], [number, number], [number, number], [number, number]] = [[0, 0], [1, 0], [2, 1], [0, 0]]; // biome-ignore format: pairs

type Other = Exclude<Operation, UnaryOperation | BinaryOperation | ReductionOperation | CollectiveOperation>;

/** One check for each operation that belongs to no family: most against tfjs, the rest by hand. */
const checks: Readonly<Record<Other, () => void>> = {
  input: () => {
    const builder = new GraphBuilder();
    const graph = builder.build([builder.input("x", "float32", [2])]);
    expect(interpretGraph(graph, [f32([2], 3, 4)])).toEqual([f32([2], 3, 4)]);
    expect(() => interpretGraph(graph, [f32([1], 3)])).toThrow('input "x" is float32[2], but float32[1] was given');
    expect(() => interpretGraph(graph, [])).toThrow("the graph has 1 inputs, but 0 values were given");
  },
  constant: () => expect(run("constant", [], { value: i32([2], 5, 6) })).toEqual(i32([2], 5, 6)),
  full: () => expect(run("full", [], { value: 2, dtype: "uint8", shape: [2] }).data).toEqual(Uint8Array.of(2, 2)),
  select: () => {
    const [c, a, b] = [bool([2, 1], 1, 0), wave(2, 3), wave(3)];
    expect([...run("select", [c, a, b], {}).data]).toEqual([...a.data.subarray(0, 3), ...b.data]);
  },
  cast: () => {
    const x = f32([6], 1.9, -1.9, 0, Number.NaN, 3e9, -0.5);
    expect(run("cast", [x], { to: "int32" }).data).toEqual(Int32Array.of(1, -1, 0, 0, 3e9 - 2 ** 32, 0));
    expect(run("cast", [x], { to: "bool" }).data).toEqual(Uint8Array.of(1, 1, 0, 1, 1, 1));
    expect(run("cast", [i32([1], 16777217)], { to: "float32" }).data).toEqual(Float32Array.of(16777216));
  },
  reshape: () => expect(run("reshape", [f32([2, 1], 1, 2)], { shape: [2] })).toEqual(f32([2], 1, 2)),
  barrier: () => expect(run("barrier", [f32([2], 1, 2), f32([], 0)], {})).toEqual(f32([2], 1, 2)),
  transpose: () => {
    const x = wave(2, 3, 4);
    expectClose(
      run("transpose", [x], { permutation: [2, 0, 1] }),
      tfjs((t) => tf.transpose(t, [2, 0, 1]), x),
    );
  },
  broadcast: () => {
    const x = wave(2, 1);
    expectClose(
      run("broadcast", [x], { shape: [3, 2, 4] }),
      tfjs((t) => tf.broadcastTo(t, [3, 2, 4]), x),
    );
  },
  slice: () => {
    const x = wave(4, 5);
    expectClose(
      run("slice", [x], { begin: [3, 1], size: [2, 2], strides: [-2, 3] }),
      tfjs((t) => tf.stridedSlice(t, [3, 1], [0, 5], [-2, 3]), x),
    );
  },
  pad: () => {
    const x = wave(2, 2);
    const attributes = { before: [1, 0], after: [0, 2], value: 7 };
    expectClose(run("pad", [x], attributes), tfjs((t) => tf.pad(t, [[1, 0], [0, 2]], 7), x)); // biome-ignore format: pairs
  },
  concat: () => {
    const [a, b] = [wave(2, 2), wave(2, 3)];
    expectClose(
      run("concat", [a, b], { axis: 1 }),
      tfjs((s, t) => tf.concat([s, t], 1), a, b),
    );
  },
  reverse: () => {
    const x = wave(2, 3);
    expectClose(
      run("reverse", [x], { axes: [1] }),
      tfjs((t) => tf.reverse(t, 1), x),
    );
  },
  tile: () => {
    const x = wave(2, 3);
    expectClose(
      run("tile", [x], { repetitions: [2, 3] }),
      tfjs((t) => tf.tile(t, [2, 3]), x),
    );
  },
  gather: () => {
    const [x, indices] = [wave(2, 4, 3), i32([2, 2], 3, 0, 1, 1)];
    expectClose(
      run("gather", [x, indices], { axis: 1 }),
      tfjs((t, i) => tf.gather(t, i as tf.Tensor1D, 1), x, indices),
    );
    expect(() => run("gather", [x, i32([1], 4)], { axis: 1 })).toThrow("lies outside a tensor of shape [2,4,3]");
  },
  gatherNd: () => {
    const [x, indices] = [wave(3, 4, 2), i32([2, 2], 2, 3, 0, 1)];
    expectClose(
      run("gatherNd", [x, indices], {}),
      tfjs((t, i) => tf.gatherND(t, i), x, indices),
    );
  },
  scatterNd: () => {
    const [indices, updates] = [i32([3, 1], 2, 0, 2), wave(3, 2)];
    expectClose(
      run("scatterNd", [indices, updates], { shape: [4, 2] }),
      tfjs((i, u) => tf.scatterND(i, u, [4, 2]), indices, updates),
    );
  },
  argMax: () => {
    const x = i32([2, 3], 1, 5, 5, 2, 2, 0);
    expect(run("argMax", [x], { axis: 1 }).data).toEqual(Int32Array.of(1, 0));
  },
  argMin: () => expect(run("argMin", [i32([2, 2], 3, 1, 2, 1)], { axis: 0 }).data).toEqual(Int32Array.of(1, 0)),
  cumsum: () => {
    const x = wave(2, 3);
    for (const [exclusive, reverse] of [[false, false], [true, false], [false, true], [true, true]] as const) {
      expectClose(
        run("cumsum", [x], { axis: 1, exclusive, reverse }),
        tfjs((t) => tf.cumsum(t, 1, exclusive, reverse), x),
      );
    } // biome-ignore format: pairs
  },
  topKValues: () => {
    const x = wave(2, 5);
    expectClose(
      run("topKValues", [x], { k: 3 }),
      tfjs((t) => tf.topk(t, 3).values, x),
    );
  },
  topKIndices: () => expect(run("topKIndices", [f32([4], 1, 3, 3, 2)], { k: 3 }).data).toEqual(Int32Array.of(1, 2, 3)),
  softmax: () => {
    const x = wave(2, 5);
    expectClose(
      run("softmax", [x], {}),
      tfjs((t) => tf.softmax(t), x),
    );
    expect(run("softmax", [f32([2], 1000, 1000)], {}).data).toEqual(Float32Array.of(0.5, 0.5));
  },
  matmul: () => {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const a = wave(2, 1, ...(transposeA ? [4, 3] : [3, 4]));
        const b = wave(5, ...(transposeB ? [2, 4] : [4, 2]));
        expectClose(
          run("matmul", [a, b], { transposeA, transposeB }),
          // tfjs itself broadcasts wrongly over more than one batch axis.
          tfjs(
            (s, t) =>
              tf.matMul(
                tf.broadcastTo(s, [2, 5, ...a.shape.slice(-2)]),
                tf.broadcastTo(t, [2, 5, ...b.shape.slice(-2)]),
                transposeA,
                transposeB,
              ),
            a,
            b,
          ),
        );
      }
    }
  },
  conv2d: () => {
    const [x, filter] = [wave(2, 5, 6, 4), wave(3, 2, 4, 3)];
    const attributes = { strides: [2, 1], dilations: [1, 1], padding, groups: 1 } as const;
    expectClose(
      run("conv2d", [x, filter], attributes),
      tfjs((t, f) => tf.conv2d(t as tf.Tensor4D, f as tf.Tensor4D, [2, 1], tfjsPads), x, filter),
    );
    // Depthwise: tfjs's filter [h, w, channels, 1] is ours [h, w, 1, channels].
    const depthwise = wave(3, 2, 1, 4);
    expectClose(
      run("conv2d", [x, depthwise], {
        ...attributes,
        strides: [1, 1],
        dilations: [1, 2],
        groups: 4,
        padding: noPadding,
      }),
      tfjs(
        (t, f) => tf.depthwiseConv2d(t as tf.Tensor4D, tf.reshape(f, [3, 2, 4, 1]), 1, "valid", "NHWC", [1, 2]),
        x,
        depthwise,
      ),
    );
  },
  conv2dInputGradient: () => {
    // It is the adjoint of the convolution: ⟨conv(x), dy⟩ = ⟨x, gradient(dy)⟩ for all x and dy.
    const dot = (a: HostTensor, b: HostTensor) => [...a.data].reduce((sum, v, i) => sum + v * (b.data[i] as number), 0);
    for (const groups of [1, 2]) {
      const attributes = { strides: [2, 1], dilations: [1, 2], padding, groups } as const;
      const [x, filter] = [wave(2, 5, 6, 4), wave(3, 2, 4 / groups, 6)];
      const y = run("conv2d", [x, filter], attributes);
      const dy = wave(...y.shape);
      const dx = run("conv2dInputGradient", [dy, filter], { ...attributes, shape: x.shape });
      expect(dx.shape).toEqual(x.shape);
      expect(dot(y, dy)).toBeCloseTo(dot(x, dx), 3);
    }
  },
  maxPool: () => {
    const x = wave(2, 5, 6, 3);
    expectClose(
      run("maxPool", [x], { window: [3, 2], strides: [2, 2], dilations: [1, 1], padding: noPadding }),
      tfjs((t) => tf.maxPool(t as tf.Tensor4D, [3, 2], 2, "valid"), x),
    );
  },
  averagePool: () => {
    const x = wave(2, 5, 6, 3);
    expectClose(
      run("averagePool", [x], {
        window: [3, 3],
        strides: [2, 2],
        dilations: [1, 1],
        padding: { ...noPadding, top: 1, bottom: 1, right: 1 },
      }),
      tfjs((t) => tf.avgPool(t as tf.Tensor4D, 3, 2, "same"), x),
    );
  },
  randomBits: () => {
    // Known answers of the Random123 distribution (kat_vectors, threefry2x32 20): key and counter 0 → 6b200159 99ba4efe.
    expect(run("randomBits", [i32([2], 0, 0)], { shape: [1] }).data[0]).toBe((0x6b200159 ^ 0x99ba4efe) | 0);
    const bits = run("randomBits", [i32([2], 1, 2)], { shape: [2, 3] });
    expect(new Set(bits.data).size).toBe(6);
  },
};

const noPadding = { top: 0, bottom: 0, left: 0, right: 0 };

describe("other operations", () => {
  it.each(Object.entries(checks))("%s", (_, check) => check());
});

it("interprets a single node on host tensors", () => {
  const builder = new GraphBuilder();
  const node = builder.add("sub", [builder.full(0), builder.full(0)], {}) as Node;
  expect(interpretNode(node, [f32([], 3), f32([], 5)])).toEqual(f32([], -2));
});

it("sums in double precision, and keeps it between operations if asked to", () => {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", [3]);
  const sum = builder.add("reduceSum", [x], { axes: [0], keepDims: false });
  const graph = builder.build([sum, builder.add("exp", [sum], {})]);
  const input = f32([3], 1e8, 1, -1e8);
  expect(interpretGraph(graph, [input])[0]?.data[0]).toBe(1);
  expect(interpretValues(graph, [input], { rounding: "none" })[1]?.data[0]).toBe(Math.E);
});
