import { describe, expect, it } from "vitest";
import { bytesPerElement, type DType, hostTensor, isHostTensor, sizeOf } from "./host-tensor.ts";

describe("hostTensor", () => {
  it("is made of zeros, or shares the array that it is given", () => {
    expect(hostTensor("int32", [2, 2])).toEqual({ dtype: "int32", shape: [2, 2], data: Int32Array.of(0, 0, 0, 0) });
    const data = Float32Array.of(7);
    expect(hostTensor("float32", [], data).data).toBe(data);
    expect(hostTensor("bool", [3, 0]).data).toHaveLength(0);
  });

  it("has sizes as counted by hand", () => {
    expect(["float32", "int32", "bool", "uint8", "bfloat16"].map((dtype) => bytesPerElement(dtype as DType))).toEqual([
      4, 4, 1, 1, 2,
    ]);
    expect([sizeOf([]), sizeOf([2, 3]), sizeOf([5, 0])]).toEqual([1, 6, 0]);
  });

  it.each([
    ["float64", [2], undefined, "a host tensor is float32, int32, bool, uint8, bfloat16, but dtype float64 was given"],
    ["constructor", [2], undefined, "but dtype constructor was given"],
    ["float32", 3, undefined, "a shape is a list of axes, as [2, 3], but 3 was given"],
    ["float32", [1.5], undefined, "shape [1.5] has an axis that is not a whole number, at least 0"],
    ["float32", [-1], undefined, "shape [-1] has an axis"],
    ["float32", [2], Float32Array.of(1), "shape [2] has 2 elements, but the data has 1"],
    ["float32", [2], [1, 2], "a float32 tensor holds a Float32Array, but the data is a Array"],
  ])("refuses dtype %s, shape %j, data %j", (dtype, shape, data, message) => {
    expect(() => hostTensor(dtype as DType, shape as number[], data as never)).toThrow(message);
  });

  it("is told from other plain objects", () => {
    expect(isHostTensor(hostTensor("uint8", [1]))).toBe(true);
    for (const other of [null, 1, {}, { dtype: "toString", shape: [], data: new Uint8Array(1) }]) {
      expect(isHostTensor(other)).toBe(false);
    }
  });
});
