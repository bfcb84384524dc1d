import { describe, expect, it } from "vitest";
import { type Graph, GraphBuilder, type Node } from "./graph.ts";
import { InvalidGraphError, verifyGraph } from "./verify.ts";

function example() {
  const builder = new GraphBuilder();
  const x = builder.input("x", "float32", [2, 3]);
  const y = builder.add("exp", [x], {});
  const z = builder.add("reduceSum", [y], { axes: [1], keepDims: false });
  return { builder, x, y, z, graph: builder.build([z]) };
}

function failure(graph: Graph): InvalidGraphError {
  try {
    verifyGraph(graph);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidGraphError);
    return error as InvalidGraphError;
  }
  throw new Error("the graph was accepted");
}

describe("verifyGraph", () => {
  it("accepts what a builder built", () => {
    expect(() => verifyGraph(example().graph)).not.toThrow();
  });

  it("names a node that reads what is not computed before it", () => {
    const { graph, x, y, z } = example();
    expect(failure({ ...graph, nodes: [x, z] as Node[] })).toMatchObject({
      rule: "order",
      message:
        "invalid graph: reduceSum (id 2, float32[2]) reads exp (id 1, float32[2,3]), which is not computed before",
    });
    expect(failure({ ...graph, nodes: [x, y, y, z] as Node[] }).message).toContain("listed twice");
    expect(failure({ ...graph, nodes: [x, { ...y, id: 9 }, z] as Node[] }).message).toContain("ids must increase");
  });

  it("names a node whose type is not that of its operation", () => {
    const { graph, x, y, z } = example();
    expect(failure({ ...graph, nodes: [x, y, { ...z, shape: [3] }] as Node[] })).toMatchObject({
      rule: "type",
      message: "invalid graph: reduceSum (id 2, float32[3]) should be float32[2] by its operation",
    });
    expect(
      failure({ ...graph, nodes: [x, y, { ...z, attributes: { axes: [4], keepDims: false } }] as Node[] }),
    ).toMatchObject({
      rule: "type",
      message: "invalid graph: reduceSum (id 2, float32[2]): reduceSum(float32[2,3]): axis 4 is not one of its 2 axes",
    });
  });

  it("holds inputs to be exactly the input nodes, under distinct names", () => {
    const { graph, builder, x, z } = example();
    expect(failure({ ...graph, inputs: [] }).rule).toBe("inputs");
    expect(failure({ ...graph, inputs: [x, x] }).rule).toBe("inputs");
    builder.input("x", "int32", []);
    expect(failure(builder.build([z]))).toMatchObject({
      rule: "name",
      message: 'invalid graph: two inputs are named "x"',
    });
  });

  it("wants outputs, among the nodes, and numbers that the dtype can hold", () => {
    const { graph, builder, y } = example();
    const other = builder.add("neg", [y], {});
    expect(failure({ ...graph, outputs: [other] }).rule).toBe("outputs");
    expect(failure({ ...graph, outputs: [] })).toMatchObject({
      rule: "outputs",
      message: "invalid graph: it has no outputs, so there is nothing to compute",
    });
    expect(failure(builder.build([builder.full(0.5, "int32")]))).toMatchObject({
      rule: "value",
      message: "invalid graph: full (id 4, int32[]) holds 0.5, which is no int32",
    });
  });
});
