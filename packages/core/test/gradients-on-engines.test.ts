import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, it } from "vitest";
import { onnxEngine } from "../src/engines/onnx/engine.ts";
import { tfjsEngine } from "../src/engines/tfjs/engine.ts";
import { type GradientCase, gradientCases } from "../src/gradients/testing/cases.ts";
import { type HostTensor, hostTensor, sizeOf } from "../src/host-tensor.ts";
import { valueAndGrad } from "../src/value-and-grad.ts";
import { eagerly, expectSame, jitted } from "./support/compare.ts";
import { uniformStream } from "./support/draw.ts";

function draw({ shapes, values }: GradientCase, next: () => number): HostTensor[] {
  const size = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const pool = Array.from({ length: size }, (_, i) =>
    values === "distinct" ? (i - size / 2 + 0.5) / 4 + 0.01 : values[0] + (values[1] - values[0]) * next(),
  );
  return shapes.map((shape) => {
    const taken = Array.from(
      { length: sizeOf(shape) },
      () => pool.splice(Math.floor(next() * pool.length), 1)[0] as number,
    );
    return hostTensor("float32", [...shape], Float32Array.from(taken));
  });
}

beforeAll(() => tf.setBackend("cpu"));

describe.each([onnxEngine(), tfjsEngine("cpu")])("on $name", (engine) => {
  it.each(gradientCases.map((each) => [each.about, each] as const))("%s", async (about, each) => {
    const next = uniformStream(about.length);
    const inputs = draw(each, next);
    const size = tf.tidy(() => each.f(...inputs.map(({ data, shape }) => tf.tensor(data, [...shape]))).size);
    const weights = hostTensor(
      "float32",
      [size],
      Float32Array.from({ length: size }, () => 2 * next() - 1),
    );
    const step = (...tensors: tf.Tensor[]) => {
      const loss = (xs: tf.Tensor[]) => {
        const y = each.f(...xs);
        return [tf.sum(tf.mul(tf.reshape(y, [-1]), tensors.at(-1) as tf.Tensor)), y] as const;
      };
      const { value, gradients, aux } = valueAndGrad(loss, { hasAux: true })(tensors.slice(0, -1));
      return { value, gradients, y: aux };
    };
    const all = [...inputs, weights];
    expectSame(await jitted(step, all, engine), eagerly(step, all), { relative: 2e-5 });
  });
});
