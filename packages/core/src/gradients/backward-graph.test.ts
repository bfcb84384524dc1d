import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { constantKernels, withGradients } from "./register.ts";

beforeAll(() => tf.setBackend("cpu"));

/** The kernels that run within f, with the shapes of their inputs; bookkeeping kernels left out. */
async function kernelsOf(f: () => unknown): Promise<string[]> {
  const { kernels } = await tf.profile(() => {
    f();
    return tf.scalar(0);
  });
  return kernels
    .filter(({ name }) => name !== "Identity" && name !== "Reshape")
    .map(({ name, inputShapes }) => `${name} ${inputShapes.map((shape) => `[${shape}]`).join(" ")}`);
}

/** The kernels of the backward pass alone. */
async function backwardKernels(f: (...xs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): Promise<string[]> {
  const dy = tf.onesLike(f(...inputs));
  const forward = await kernelsOf(() => f(...inputs));
  const both = await kernelsOf(() => withGradients(() => tf.grads(f)(inputs, dy)));
  return both.slice(forward.length);
}

describe("the backward pass", () => {
  it("of a linear layer is two products of matrices and one sum over rows", async () => {
    const layer = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => tf.add(tf.matMul(x, w), b);
    const kernels = await backwardKernels(layer, [tf.ones([2, 5, 3]), tf.ones([3, 4]), tf.ones([4])]);
    expect(kernels).toEqual(["Sum [2,5,4]", "BatchMatMul [10,4] [3,4]", "BatchMatMul [10,3] [10,4]"]);
  });

  it("of a slice is one pad", async () => {
    expect(await backwardKernels((x) => tf.slice(x, [0, 1], [2, 2]), [tf.ones([2, 4])])).toEqual(["PadV2 [2,2]"]);
  });

  it("of a sum repeats dy without arithmetic", async () => {
    expect(await backwardKernels((x) => tf.sum(x, 1), [tf.ones([2, 4])])).toEqual(["Tile [2,1]"]);
  });

  it("of softmax is four kernels on the probabilities", async () => {
    expect(await backwardKernels((x) => tf.softmax(x), [tf.ones([2, 4])])).toEqual([
      "Multiply [2,4] [2,4]",
      "Sum [2,4]",
      "Sub [2,4] [2,1]",
      "Multiply [2,4] [2,4]",
    ]);
  });

  it("of a gather is one scatter of rows, without a transpose", async () => {
    const table = tf.ones([5, 3]);
    expect(await backwardKernels((x) => tf.gather(x, tf.tensor1d([1, 4], "int32")), [table])).toEqual([
      "Cast [2]",
      "ScatterNd [2,1] [2,3]",
    ]);
  });
});

describe("constant kernels", () => {
  const functions: { readonly [kernel: string]: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor } = {
    All: (a) => tf.all(tf.cast(a, "bool")),
    Any: (a) => tf.any(tf.cast(a, "bool")),
    ArgMax: (a) => tf.argMax(a),
    ArgMin: (a) => tf.argMin(a),
    BitwiseAnd: (a, b) => tf.bitwiseAnd(tf.cast(a, "int32"), tf.cast(b, "int32")),
    Ceil: (a) => tf.ceil(a),
    Equal: tf.equal,
    Floor: (a) => tf.floor(a),
    FloorDiv: tf.floorDiv,
    Greater: tf.greater,
    GreaterEqual: tf.greaterEqual,
    IsFinite: (a) => tf.isFinite(a),
    IsInf: (a) => tf.isInf(a),
    IsNan: (a) => tf.isNaN(a),
    Less: tf.less,
    LessEqual: tf.lessEqual,
    LogicalAnd: (a, b) => tf.logicalAnd(tf.cast(a, "bool"), tf.cast(b, "bool")),
    LogicalNot: (a) => tf.logicalNot(tf.cast(a, "bool")),
    LogicalOr: (a, b) => tf.logicalOr(tf.cast(a, "bool"), tf.cast(b, "bool")),
    NotEqual: tf.notEqual,
    OneHot: (a) => tf.oneHot(tf.cast(a, "int32"), 4),
    OnesLike: (a) => tf.onesLike(a),
    Round: (a) => tf.round(a),
    SearchSorted: (a, b) => tf.searchSorted(a, b),
    Sign: (a) => tf.sign(a),
    Step: (a) => tf.step(a),
    ZerosLike: (a) => tf.zerosLike(a),
  };

  it("are all here", () => expect(Object.keys(functions).sort()).toEqual(constantKernels));

  it.each(constantKernels)("%s adds nothing to the gradient of the rest", async (kernel) => {
    const f = functions[kernel] as (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;
    const inputs = [tf.tensor1d([0.2, 1.7, 2.5]), tf.tensor1d([1.2, 1.7, 3.1])];
    const loss = (a: tf.Tensor, b: tf.Tensor) =>
      tf.add(tf.sum(tf.mul(a, 3)), tf.sum(tf.cast(f(a, tf.mul(b, 1)), "float32")));
    const { kernelNames } = await tf.profile(() => loss(...(inputs as [tf.Tensor, tf.Tensor])));
    expect(kernelNames).toContain(kernel);
    const gradient = withGradients(() => tf.grad((a) => loss(a, inputs[1] as tf.Tensor))(inputs[0] as tf.Tensor));
    expect([...gradient.dataSync()]).toEqual([3, 3, 3]);
  });
});
