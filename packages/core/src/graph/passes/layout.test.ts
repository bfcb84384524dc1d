import { describe, expect, it } from "vitest";
import { hostTensor } from "../../host-tensor.ts";
import type { Emitter } from "../emit.ts";
import type { Node } from "../graph.ts";
import { expectPass, f32, graphOf } from "../testing/expect-pass.ts";
import { simplifyAlgebra } from "./algebra.ts";

const indices = (...values: number[]) => hostTensor("int32", [values.length], Int32Array.from(values));

/** Cases on x = %0 : float32[4,6] and y = %1 : float32[4,2]; what is left of each ends with the node that is returned. */
const table: readonly (readonly [string, (e: Emitter, x: Node, y: Node) => Node, string])[] = [
  ["reshape to its own shape", (e, x) => e.builder.add("reshape", [x], { shape: [4, 6] }), ""],
  ["reshape of reshape", (e, x) => e.reshape(e.reshape(x, [24]), [8, 3]), "%2 = reshape %0 : float32[8,3]"],
  ["reshape and back", (e, x) => e.reshape(e.reshape(x, [24]), [4, 6]), ""],
  ["double transpose", (e, x) => e.transpose(e.transpose(x, [1, 0]), [1, 0]), ""],
  [
    "transpose of transpose",
    (e, x) => e.transpose(e.transpose(e.reshape(x, [4, 2, 3]), [2, 0, 1]), [1, 0, 2]),
    "%2 = reshape %0 : float32[4,2,3]\n%3 = transpose %2 {permutation=[0,2,1]} : float32[4,3,2]",
  ],
  [
    "transpose that moves axes of size 1",
    (e, x) => e.transpose(e.reshape(x, [4, 1, 6]), [1, 0, 2]),
    "%2 = reshape %0 : float32[1,4,6]",
  ],
  [
    "broadcast of broadcast",
    (e, x) => e.broadcast(e.broadcast(e.reshape(x, [4, 6, 1]), [4, 6, 2]), [3, 4, 6, 2]),
    "%2 = reshape %0 : float32[4,6,1]\n%3 = broadcast %2 : float32[3,4,6,2]",
  ],
  ["slice of the whole", (e, x) => e.slice(x, [0, 0], [4, 6]), ""],
  [
    "slice of slice",
    (e, x) => e.slice(e.slice(x, [1, 0], [3, 3], [1, 2]), [1, 1], [2, 2]),
    "%2 = slice %0 {begin=[2,2], size=[2,2], strides=[1,2]} : float32[2,2]",
  ],
  ["slice of one part of a concatenation", (e, x, y) => e.slice(e.concat([x, y], 1), [0, 6], [4, 2]), "return %1"],
  [
    "slice across two of three parts",
    (e, x, y) => e.slice(e.concat([y, x, y], 1), [0, 7], [4, 2]),
    "%2 = concat %0, %1 {axis=1} : float32[4,8]\n%3 = slice %2 {begin=[0,5], size=[4,2], strides=[1,1]} : float32[4,2]",
  ],
  [
    "slice inside a pad",
    (e, x) => e.slice(e.pad(x, [1, 2], [0, 3]), [2, 2], [1, 4]),
    "%2 = slice %0 {begin=[1,0], size=[1,4], strides=[1,1]} : float32[1,4]",
  ],
  [
    "slice of a broadcast",
    (e, _, y) => e.slice(e.broadcast(e.reshape(y, [4, 2, 1]), [4, 2, 5]), [1, 0, 2], [2, 2, 3]),
    "%2 = reshape %1 : float32[4,2,1]\n%3 = slice %2 {begin=[1,0,0], size=[2,2,1], strides=[1,1,1]} : float32[2,2,1]\n%4 = broadcast %3 : float32[2,2,3]",
  ],
  ["split and concatenated again", (e, x) => e.concat([e.slice(x, [0, 0], [4, 2]), e.slice(x, [0, 2], [4, 4])], 1), ""],
  [
    "neighbouring slices",
    (e, x, y) => e.concat([y, e.slice(x, [0, 1], [4, 2]), e.slice(x, [0, 3], [4, 1])], 1),
    "%2 = slice %0 {begin=[0,1], size=[4,3], strides=[1,1]} : float32[4,3]\n%3 = concat %1, %2 {axis=1} : float32[4,5]",
  ],
  [
    "concatenation of concatenation",
    (e, x, y) => e.concat([e.concat([x, y], 1), x], 1),
    "%2 = concat %0, %1, %0 {axis=1} : float32[4,14]",
  ],
  ["concatenation with nothing", (e, x) => e.concat([x, e.slice(x, [0, 0], [4, 0])], 1), ""],
  [
    "pad of pad",
    (e, x) => e.pad(e.pad(x, [1, 0], [0, 0]), [0, 2], [1, 0]),
    "%2 = pad %0 {before=[1,2], after=[1,0], value=0} : float32[6,8]",
  ],
  ["pad by nothing", (e, x) => e.builder.add("pad", [x], { before: [0, 0], after: [0, 0], value: 1 }), ""],
  [
    "tile of axes of size 1",
    (e, x) => e.builder.add("tile", [e.reshape(x, [4, 1, 6])], { repetitions: [1, 3, 1] }),
    "%2 = reshape %0 : float32[4,1,6]\n%3 = broadcast %2 : float32[4,3,6]",
  ],
  [
    "reverse twice",
    (e, x) => e.builder.add("reverse", [e.builder.add("reverse", [x], { axes: [1] })], { axes: [1] }),
    "",
  ],
  [
    "gather of evenly spaced rows",
    (e, x) => e.builder.add("gather", [x, e.constant(indices(3, 1))], { axis: 0 }),
    "%2 = slice %0 {begin=[3,0], size=[2,6], strides=[-2,1]} : float32[2,6]",
  ],
  [
    "gather of one column",
    (e, x) => e.builder.add("gather", [x, e.full(2, "int32")], { axis: 1 }),
    "%2 = slice %0 {begin=[0,2], size=[4,1], strides=[1,1]} : float32[4,1]\n%3 = reshape %2 : float32[4]",
  ],
  [
    "gather of uneven rows",
    (e, x) => e.builder.add("gather", [x, e.constant(indices(0, 1, 3))], { axis: 0 }),
    "%2 = gather %0, [0, 1, 3] {axis=0} : float32[3,6]",
  ],
];

describe("movements", () => {
  it.each(table)("%s", (_, build, after) => {
    const graph = graphOf([f32(4, 6), f32(4, 2)], (e, x, y) => build(e, x as Node, y as Node));
    const text =
      after === ""
        ? "return %0"
        : after.startsWith("return")
          ? after
          : `${after}\nreturn %${after.split("\n").length + 1}`;
    expectPass(simplifyAlgebra, graph, text);
  });

  it("reads a constant under another shape without a copy", () => {
    const value = hostTensor("float32", [4], Float32Array.of(1, 2, 3, 4));
    const graph = graphOf([], (e) => e.reshape(e.constant(value), [2, 2]));
    const [constant] = simplifyAlgebra(graph).nodes;
    expect(constant?.operation === "constant" && constant.attributes.value.data).toBe(value.data);
  });
});
