import * as tf from "@tensorflow/tfjs-core";
import type { GradientCase } from "../../src/gradients/testing/cases.ts";
import { type HostTensor, hostTensor, sizeOf } from "../../src/host-tensor.ts";
import { valueAndGrad } from "../../src/value-and-grad.ts";
import { eagerly } from "./compare.ts";
import { uniformStream } from "./draw.ts";

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

/** Value and gradients of a weighted sum of a case's result, and the result itself. */
export function stepOf({ f }: GradientCase) {
  return (...tensors: tf.Tensor[]) => {
    const loss = (xs: tf.Tensor[]) => {
      const y = f(...xs);
      return [tf.sum(tf.mul(tf.reshape(y, [-1]), tensors.at(-1) as tf.Tensor)), y] as const;
    };
    const { value, gradients, aux } = valueAndGrad(loss, { hasAux: true })(tensors.slice(0, -1));
    return { value, gradients, y: aux };
  };
}

/** Inputs of a case, and the weights of its result. */
export function argumentsOf(each: GradientCase): HostTensor[] {
  const next = uniformStream(each.about.length);
  const inputs = draw(each, next);
  const shape = eagerly((...xs) => each.f(...xs), inputs).get("")?.shape as readonly number[];
  const weights = Float32Array.from({ length: sizeOf(shape) }, () => 2 * next() - 1);
  return [...inputs, hostTensor("float32", [weights.length], weights)];
}
