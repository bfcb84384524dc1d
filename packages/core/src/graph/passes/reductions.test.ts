import { describe, expect, it } from "vitest";
import type { Emitter } from "../emit.ts";
import type { Node } from "../graph.ts";
import { expectPass, f32, graphOf } from "../testing/expect-pass.ts";
import { simplifyAlgebra } from "./algebra.ts";
import { axisGroups } from "./axis-groups.ts";

/** Cases on x = %0 : float32[4,2,3] and y = %1 : float32[4,1]. */
const table: readonly (readonly [string, (e: Emitter, x: Node, y: Node) => Node, string])[] = [
  [
    "axes are kept, then reshaped away",
    (e, x) => e.reduce("reduceSum", x, [1]),
    "%2 = reduceSum %0 {axes=[1], keepDims} : float32[4,1,3]\n%3 = reshape %2 : float32[4,3]",
  ],
  [
    "with and without kept axes they are one",
    (e, x) => e.add(e.reduce("reduceSum", x, [1], true), e.reshape(e.reduce("reduceSum", x, [1]), [4, 1, 3])),
    "%2 = reduceSum %0 {axes=[1], keepDims} : float32[4,1,3]\n%3 = mul %2, 2.0 : float32[4,1,3]",
  ],
  ["axes of size 1", (e, _, y) => e.reduce("reduceMax", y, [1]), "%2 = reshape %1 : float32[4]"],
  [
    "sum of a broadcast",
    (e, _, y) => e.reduce("reduceSum", e.broadcast(y, [5, 4, 3]), [0, 1, 2]),
    "%2 = reduceSum %1 {axes=[0], keepDims} : float32[1,1]\n%3 = mul %2, 15.0 : float32[1,1]\n%4 = reshape %3 : float32[]",
  ],
  [
    "maximum of a broadcast",
    (e, _, y) => e.reduce("reduceMax", e.broadcast(y, [5, 4, 3]), [0, 2]),
    "%2 = reshape %1 : float32[4]",
  ],
  [
    "sum of a sum",
    (e, x) => e.reduce("reduceSum", e.reduce("reduceSum", x, [0]), [0]),
    "%2 = reduceSum %0 {axes=[0,1], keepDims} : float32[1,1,3]\n%3 = reshape %2 : float32[3]",
  ],
  [
    "over axes that a reshape split",
    (e, x) => e.reduce("reduceSum", e.reshape(x, [2, 2, 6]), [0, 1]),
    "%2 = reduceSum %0 {axes=[0], keepDims} : float32[1,2,3]\n%3 = reshape %2 : float32[6]",
  ],
  [
    "over a part of what a reshape merged",
    (e, x) => e.reduce("reduceSum", e.reshape(x, [2, 12]), [0]),
    "%2 = reshape %0 : float32[2,12]\n%3 = reduceSum %2 {axes=[0], keepDims} : float32[1,12]\n%4 = reshape %3 : float32[12]",
  ],
  [
    "of a transpose that leaves the last axis in place",
    (e, x) => e.reduce("reduceSum", e.transpose(x, [1, 0, 2]), [2], true),
    "%2 = reduceSum %0 {axes=[2], keepDims} : float32[4,2,1]\n%3 = transpose %2 {permutation=[1,0,2]} : float32[2,4,1]",
  ],
  [
    "of a negation",
    (e, x) => e.reduce("reduceSum", e.unary("neg", x), [2], true),
    "%2 = reduceSum %0 {axes=[2], keepDims} : float32[4,2,1]\n%3 = neg %2 : float32[4,2,1]",
  ],
];

describe("reductions", () => {
  it.each(table)("%s", (_, build, after) => {
    const graph = graphOf([f32(4, 2, 3), f32(4, 1)], (e, x, y) => build(e, x as Node, y as Node));
    expectPass(simplifyAlgebra, graph, `${after}\nreturn %${after.split("\n").length + 1}`);
  });

  it("of one number everywhere are known", () => {
    const graph = graphOf([], (e) => {
      const twos = e.full(2, "float32", [3, 4]);
      return [e.reduce("reduceSum", twos, [0, 1]), e.reduce("reduceProd", twos, [0]), e.reduce("reduceMax", twos, [1])];
    });
    expectPass(simplifyAlgebra, graph, "%0 = full 8.0 : float32[4]\n%1 = full 2.0 : float32[3]\nreturn 24.0, %0, %1");
  });
});

describe("reshapes around elementwise operations", () => {
  it("cancel where all operands come from the shape that follows", () => {
    const graph = graphOf([f32(4, 3)], (e, x) => {
      const mean = e.mean(x!, [1]);
      return e.sub(x!, e.reshape(e.unary("sqrt", e.add(mean, 5)), [4, 1]));
    });
    expectPass(
      simplifyAlgebra,
      graph,
      `%1 = reduceSum %0 {axes=[1], keepDims} : float32[4,1]
       %2 = div %1, 3.0 : float32[4,1]
       %3 = add %2, 5.0 : float32[4,1]
       %4 = sqrt %3 : float32[4,1]
       %5 = sub %0, %4 : float32[4,3]
       return %5`,
    );
  });

  it("stay where an operand comes from elsewhere", () => {
    const graph = graphOf([f32(6, 4), f32(2, 3, 4)], (e, x, y) =>
      e.reshape(e.add(e.reshape(x!, [2, 3, 4]), y!), [6, 4]),
    );
    expectPass(
      simplifyAlgebra,
      graph,
      "%2 = reshape %0 : float32[2,3,4]\n%3 = add %2, %1 : float32[2,3,4]\n%4 = reshape %3 : float32[6,4]\nreturn %4",
    );
  });
});

describe("axisGroups", () => {
  it.each([
    [[8, 197, 384], [1576, 384], [[[0, 1], [0]], [[2], [1]]]],
    [[1, 5], [5], [[[0, 1], [0]]]],
    [[5], [5, 1], [[[0], [0, 1]]]],
    [[2, 3, 4], [4, 6], [[[0, 1, 2], [0, 1]]]],
    [[2, 1, 6], [2, 2, 3], [[[0, 1], [0]], [[2], [1, 2]]]],
    [[], [1, 1], [[[], [0, 1]]]],
  ])("of %j → %j", (from, to, groups) => {
    expect(axisGroups(from, to)).toEqual(groups.map(([a, b]) => ({ from: a, to: b })));
  }); // biome-ignore format: a table
});
