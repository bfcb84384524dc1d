import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";
import { withGradients } from "../../gradients/index.ts";
import { uniformStream } from "../../gradients/testing/case.ts";
import { centralDifferences, distance, tapeGradients } from "../../gradients/testing/central-differences.ts";
import { sizeOf } from "../../host-tensor.ts";

/** A function of tensors, however many. */
type Layer = (...inputs: never[]) => tf.Tensor;
type Variadic = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Tensors of the shapes with values between -bound and bound, the same for the same seed. */
export function draw(shapes: readonly (readonly number[])[], seed = 1, bound = 1.5): tf.Tensor[] {
  const next = uniformStream(seed);
  return shapes.map((shape) =>
    tf.tensor(
      Float32Array.from({ length: sizeOf(shape) }, () => bound * (2 * next() - 1)),
      [...shape],
    ),
  );
}

/**
 * Checks a layer's gradients by all inputs against central differences, and its values and gradients against a
 * composition of plain tfjs kernels.
 */
export function expectGradients(given: Layer, definition: Layer, shapes: readonly (readonly number[])[]): void {
  const [layer, composed] = [given as Variadic, definition as Variadic];
  const inputs = draw(shapes);
  const y = layer(...inputs);
  expect(distance(y.dataSync() as Float32Array, composed(...inputs).dataSync() as Float32Array)).toBeLessThan(2e-6);

  const next = uniformStream(2);
  const weights = Float32Array.from({ length: y.size }, () => 2 * next() - 1);
  const ours = withGradients(() => tapeGradients(layer, inputs, weights));
  const theirs = withGradients(() => tapeGradients(composed, inputs, weights));
  const numeric = centralDifferences(layer, inputs, weights);
  for (const [i, gradient] of ours.entries()) {
    expect(distance(gradient, theirs[i] as Float32Array)).toBeLessThan(1e-5);
    expect(distance(gradient, numeric[i] as Float32Array)).toBeLessThan(3e-4);
  }
}
