import { hostTensor } from "@vitscale/core";
import { expect, it } from "vitest";
import { spoiltSamples } from "./spoilt-samples.ts";

it("finds samples by their pixels and by their labels", () => {
  const index = hostTensor("int32", [3], Int32Array.of(17, 4, 9));
  const image = hostTensor("float32", [3, 1, 2, 1], Float32Array.of(0, 1, Number.NaN, 1, 0, 1));
  const label = hostTensor("float32", [3, 2], Float32Array.of(0, 1, 1, 0, Number.POSITIVE_INFINITY, 0));
  expect(spoiltSamples({ image, label, index })).toEqual([4, 9]);
  const bytes = hostTensor("uint8", [3, 1, 2, 1], Uint8Array.of(0, 1, 2, 3, 4, 255));
  expect(spoiltSamples({ image: bytes, label: hostTensor("int32", [3], Int32Array.of(0, 1, 2)), index })).toEqual([]);
});
