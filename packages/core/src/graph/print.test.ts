import { describe, expect, it } from "vitest";
import { hostTensor } from "../host-tensor.ts";
import { GraphBuilder } from "./graph.ts";
import { printGraph, printNumber } from "./print.ts";

describe("printGraph", () => {
  it("writes one line a node, with attributes, and short constants where they are read", () => {
    const builder = new GraphBuilder();
    const x = builder.input("images", "float32", [8, 4]);
    const w = builder.input("kernel", "float32", [3, 4]);
    const product = builder.add("matmul", [x, w], { transposeA: false, transposeB: true });
    const scaled = builder.add("mul", [product, builder.full(0.125)], {});
    const bias = builder.add("constant", [], { value: hostTensor("float32", [3], Float32Array.of(0.1, -2, 1e-7)) });
    const biased = builder.add("add", [scaled, bias], {});
    const long = builder.add("constant", [], { value: hostTensor("int32", [8], new Int32Array(8).fill(7)) });
    const window = { window: [2, 2], strides: [1, 1], dilations: [1, 1] } as const;
    const pooled = builder.add("maxPool", [builder.add("reshape", [biased], { shape: [1, 8, 3, 1] })], {
      ...window,
      padding: { top: 0, bottom: 1, left: 0, right: 0 },
    });
    const sum = builder.add("reduceSum", [biased], { axes: [0, 1], keepDims: false });
    const zeros = builder.full(-0, "float32", [2, 2]);
    expect(printGraph(builder.build([sum, pooled, long, builder.full(3, "int32"), zeros]))).toBe(
      `%0 = input "images" : float32[8,4]
%1 = input "kernel" : float32[3,4]
%2 = matmul %0, %1 {transposeB} : float32[8,3]
%3 = mul %2, 0.125 : float32[8,3]
%4 = add %3, [0.1, -2.0, 1e-7] : float32[8,3]
%5 = constant [7, 7, 7, …] : int32[8]
%6 = reshape %4 : float32[1,8,3,1]
%7 = maxPool %6 {window=[2,2], strides=[1,1], dilations=[1,1], padding=[0,1,0,0]} : float32[1,8,2,1]
%8 = reduceSum %4 {axes=[0,1]} : float32[]
%9 = full -0.0 : float32[2,2]
return %8, %7, %5, 3, %9`,
    );
  });

  it("does not depend on node ids", () => {
    const build = (waste: number) => {
      const builder = new GraphBuilder();
      for (let i = 0; i < waste; i++) builder.full(i);
      const x = builder.input("x", "float32", [2]);
      return printGraph(builder.build([builder.add("neg", [x], {})]));
    };
    expect(build(0)).toBe(build(5));
  });
});

describe("printNumber", () => {
  it.each([
    [1, "float32", "1.0"],
    [1, "int32", "1"],
    [1, "bool", "true"],
    [0.1, "float32", "0.1"],
    // The double nearest to the float32 nearest to 0.1.
    [0.10000000149011612, "float32", "0.1"],
    [-0, "float32", "-0.0"],
    [16777217, "float32", "16777216.0"],
    [1e30, "float32", "1e+30"],
    [Number.NaN, "float32", "NaN"],
    [Number.NEGATIVE_INFINITY, "float32", "-Infinity"],
    [255, "uint8", "255"],
  ] as const)("writes %s of %s as %s", (value, dtype, text) => {
    expect(printNumber(value, dtype)).toBe(text);
  });
});
