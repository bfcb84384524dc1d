import { expect, it } from "vitest";
import { GraphBuilder } from "../../graph/graph.ts";
import { interpretGraph } from "../../graph/testing/interpret.ts";
import { hostTensor, sizeOf } from "../../host-tensor.ts";
import { threefryBits } from "../../random/index.ts";
import { expandRandomBits } from "./expand-random-bits.ts";

it.each([[[]], [[0, 3]], [[7]], [[1, 13]], [[5, 4, 3]]])(
  "writes Threefry of shape [%s] out as arithmetic that gives its bits",
  (shape) => {
    const key = hostTensor("int32", [2], Int32Array.of(-559038737, 1234567));
    const builder = new GraphBuilder();
    const bits = builder.add("randomBits", [builder.input("key", "int32", [2])], { shape });
    const expanded = expandRandomBits(builder.build([bits]));
    expect(expanded.nodes.map(({ operation }) => operation)).not.toContain("randomBits");
    const [result] = interpretGraph(expanded, [key]);
    expect(result).toEqual(hostTensor("int32", shape, threefryBits(-559038737, 1234567, sizeOf(shape))));
  },
);

it("stores little: the positions of a million elements take two thousand numbers", () => {
  const builder = new GraphBuilder();
  const bits = builder.add("randomBits", [builder.input("key", "int32", [2])], { shape: [1000, 1000] });
  const { nodes } = expandRandomBits(builder.build([bits]));
  const stored = nodes.reduce((sum, node) => sum + (node.operation === "constant" ? sizeOf(node.shape) : 0), 0);
  expect(stored).toBe(2000);
});
