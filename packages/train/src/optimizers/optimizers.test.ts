import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { hostTensor, treeEntries } from "@vitscale/core";
import { isParameterShape, parameterShapes, vit22b } from "@vitscale/vit";
import { beforeAll, describe, expect, it } from "vitest";
import { adafactor } from "./adafactor.ts";
import { adamw } from "./adamw.ts";
import { clipByGlobalNorm, globalNorm } from "./clip.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

beforeAll(() => tf.setBackend("cpu"));

/** The parameters and constant gradients of the golden numbers (Optax chain of big_vision). */
const params = () => ({
  kernel: tf.tensor([
    [1, -2],
    [3, 0.5],
  ]) as tf.Tensor,
  bias: tf.tensor([0.1, -0.1]) as tf.Tensor,
});
const gradients = () => ({
  kernel: tf.tensor([
    [0.5, 1],
    [-1, 2],
  ]) as tf.Tensor,
  bias: tf.tensor([0.3, -0.4]) as tf.Tensor,
});

/** Runs updates with constant gradients; gives the parameters after each. */
function run(optimizer: Optimizer, learningRate: number, steps: number) {
  let state = optimizer.init(params());
  let current = params();
  return Array.from({ length: steps }, (_, step) => {
    const entries = Object.entries({ learningRate, ...optimizer.scalars(step) });
    const scalars = Object.fromEntries(entries.map(([name, value]) => [name, tf.scalar(value)]));
    ({ params: current, state } = optimizer.update(gradients(), state, current, scalars as never));
    return { kernel: Array.from(current.kernel.dataSync()), bias: Array.from(current.bias.dataSync()) };
  });
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], digits = 6): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, digits);
}

describe("AdamW", () => {
  it("makes the first two steps of the golden chain (rate 1e-3, schedule 0.5, decay 1e-4 in big_vision's units)", () => {
    // big_vision's 1e-4 is the rate 1e-3 times 0.1.
    const [first, second] = run(adamw({ weightDecay: 0.1 }), 0.5e-3, 2);
    expectClose(first!.kernel, [0.99945, -2.0004, 3.00035, 0.499475]);
    expectClose(first!.bias, [0.0995, -0.0995]);
    expectClose(second!.kernel, [0.9989001, -2.0008001, 3.0007, 0.49895]);
    expectClose(second!.bias, [0.099, -0.099]);
  });

  it("equals the textbook formula in double precision over 50 steps of changing rates", () => {
    const optimizer = adamw({ beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: [["kernel", 0.2]] });
    const gradientAt = (step: number) => [Math.sin(step), 0.1 * Math.cos(3 * step)];
    let [m, v, theta] = [
      [0, 0],
      [0, 0],
      [1, -1],
    ];
    let tree = { kernel: tf.tensor1d(theta) as tf.Tensor };
    let state = optimizer.init(tree);
    for (let step = 0; step < 50; step++) {
      const [rate, g] = [0.01 * (1 + step / 10), gradientAt(step)];
      m = m.map((value, i) => 0.8 * value + 0.2 * g[i]!);
      v = v.map((value, i) => 0.95 * value + 0.05 * g[i]! ** 2);
      theta = theta.map((value, i) => {
        const [mean, square] = [m[i]! / (1 - 0.8 ** (step + 1)), v[i]! / (1 - 0.95 ** (step + 1))];
        return value - rate * (mean / (Math.sqrt(square) + 1e-3) + 0.2 * value);
      });
      const { adamFactor, adamEpsilon } = optimizer.scalars(step);
      const scalars = {
        learningRate: tf.scalar(rate),
        adamFactor: tf.scalar(adamFactor!),
        adamEpsilon: tf.scalar(adamEpsilon!),
      };
      ({ params: tree, state } = optimizer.update({ kernel: tf.tensor1d(g) as tf.Tensor }, state, tree, scalars));
    }
    expectClose(tree.kernel.dataSync(), theta, 5);
  });

  it("multiplies rates by name, but not the decay", () => {
    const [first] = run(adamw({ weightDecay: 0.1, learningRateMultipliers: [["kernel", 0]] }), 0.5e-3, 1);
    expectClose(first!.kernel, [1 - 5e-5, -2 + 1e-4, 3 - 1.5e-4, 0.5 - 2.5e-5], 7);
    expectClose(first!.bias, [0.0995, -0.0995]);
  });

  it("begins at zero, in host memory as in tensors", () => {
    const { kernel, bias } = adamw().initOnHost({
      kernel: hostTensor("float32", [2, 2]),
      bias: hostTensor("float32", [2]),
    });
    expect(kernel).toEqual({ firstMoment: hostTensor("float32", [2, 2]), secondMoment: hostTensor("float32", [2, 2]) });
    expect(bias?.firstMoment?.shape).toEqual([2]);
    expect(Array.from(adamw().init(params()).kernel!.secondMoment!.dataSync())).toEqual([0, 0, 0, 0]);
  });

  it("says so when a state was made for other parameters", () => {
    const optimizer = adamw();
    expect(() => optimizer.update(params(), {}, params(), { learningRate: tf.scalar(1) })).toThrow(
      'the optimizer state has nothing for "kernel"; it was made for other parameters',
    );
  });
});

describe("SGD", () => {
  it("sums gradients with momentum", () => {
    // b = g, then 1.9 g, then 2.71 g.
    const steps = run(sgd({ momentum: 0.9 }), 0.1, 3);
    const at = (sum: number) => [1 - 0.05 * sum, -2 - 0.1 * sum, 3 + 0.1 * sum, 0.5 - 0.2 * sum];
    for (const [i, sum] of [1, 2.9, 5.61].entries()) expectClose(steps[i]!.kernel, at(sum), 5);
  });

  it("keeps nothing without momentum", () => {
    const optimizer = sgd({ momentum: 0 });
    expect(optimizer.init(params())).toEqual({ kernel: {}, bias: {} });
    expectClose(run(optimizer, 0.1, 1)[0]!.bias, [0.07, -0.06]);
  });
});

it.each([
  ["beta1", () => adamw({ beta1: 1 })],
  ["beta2", () => adamw({ beta2: 1 })],
  ["beta1", () => adafactor({ beta1: 1 })],
  ["momentum", () => sgd({ momentum: 1 })],
])("optimizers refuse to take in nothing new: %s of 1", (name, make) => {
  expect(make).toThrow(`${name} is 1; it must be at least 0 and below 1: at 1 a running mean takes in nothing new`);
});

describe("a single number for weight decay", () => {
  it("decays every kernel of a model, and neither biases, norm scales, position tables nor probes", () => {
    const shapes = parameterShapes(vit22b("mu/4", { imageSide: 16, classes: 4 }));
    const names = treeEntries(shapes, isParameterShape).map(([name]) => name);
    const ofNames = (value: number) => Object.fromEntries(names.map((name) => [name, tf.scalar(value) as tf.Tensor]));
    const optimizer = sgd({ weightDecay: 0.25 });
    const ones = ofNames(1);
    const { params } = optimizer.update(ofNames(0), optimizer.init(ones), ones, { learningRate: tf.scalar(1) });
    const after = names.map((name) => [name, params[name]!.dataSync()[0]] as const);
    // big_vision's recipes decay what ".*/kernel" fits.
    expect(after.filter(([, value]) => value === 0.75).map(([name]) => name)).toEqual(
      names.filter((name) => name.endsWith("/kernel")),
    );
    const kept = after.filter(([, value]) => value === 1).map(([name]) => name.split("/").at(-1));
    expect(new Set(kept)).toEqual(new Set(["bias", "mlp_bias", "scale", "positions", "probe"]));
  });
});

describe("clipping by global norm", () => {
  it("scales all gradients to the limit", () => {
    const { gradients: clipped, norm } = clipByGlobalNorm(gradients(), 1);
    expectClose(norm.dataSync(), [2.5495098]);
    expectClose(globalNorm(clipped).dataSync(), [1]);
    expectClose(clipped.bias.dataSync(), [0.3 / 2.5495098, -0.4 / 2.5495098]);
  });

  it("leaves smaller gradients bit by bit, and zeros finite", () => {
    const { gradients: same } = clipByGlobalNorm(gradients(), 3);
    expect(same.bias.dataSync()).toEqual(gradients().bias.dataSync());
    const { gradients: zeros, norm } = clipByGlobalNorm({ scale: tf.zeros([2]), constant: tf.scalar(0) }, 1);
    expect([...zeros.scale.dataSync(), ...norm.dataSync()]).toEqual([0, 0, 0]);
  });
});
