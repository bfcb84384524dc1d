import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
// In Node this package, alone of tfjs, registers tfjs's own gradients.
import "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, it } from "vitest";
import { sizeOf } from "../host-tensor.ts";
import { constantKernels, differentiableKernels, withGradients } from "./register.ts";
import { drawValues, uniformStream } from "./testing/case.ts";
import { gradientCases } from "./testing/cases.ts";
import { centralDifferences, distance, tapeGradients } from "./testing/central-differences.ts";

beforeAll(() => tf.setBackend("cpu"));

describe("gradients", () => {
  it("has a case for every kernel", () => {
    expect([...new Set(gradientCases.map(({ kernel }) => kernel))].sort()).toEqual(
      differentiableKernels.filter((kernel) => kernel !== "BroadcastTo"),
    );
  });

  it.each(gradientCases.map((each) => [each.about, each] as const))("%s", async (about, each) => {
    const next = uniformStream(about.length + sizeOf(each.shapes[0] as number[]));
    const inputs = drawValues(each, next).map((values, i) => tf.tensor(values, [...(each.shapes[i] as number[])]));
    const y = each.f(...inputs);
    const weights = Float32Array.from({ length: y.size }, () => 2 * next() - 1);

    const { kernelNames } = await tf.profile(() => each.f(...inputs));
    expect(kernelNames).toContain(each.kernel);

    const ours = withGradients(() => tapeGradients(each.f, inputs, weights));
    const numeric = centralDifferences(each.f, inputs, weights);
    const error = (gradients: Float32Array[]) =>
      Math.max(...gradients.map((g, i) => distance(g, numeric[i] as Float32Array)));
    expect(error(ours)).toBeLessThan(2e-4);

    const theirs = () => tapeGradients(each.f, inputs, weights);
    switch (each.peer) {
      case undefined:
        for (const [i, gradient] of theirs().entries())
          expect(distance(ours[i] as Float32Array, gradient)).toBeLessThan(2e-5);
        break;
      case "wrong":
        expect(error(theirs())).toBeGreaterThan(2e-4);
        break;
      case "hangs":
        break;
      case "absent":
      case "throws":
        expect(theirs).toThrow();
    }
  });

  it("lists constant kernels apart from those that a gradient flows through", () => {
    expect(constantKernels.filter((kernel) => differentiableKernels.includes(kernel))).toEqual([]);
  });
});
