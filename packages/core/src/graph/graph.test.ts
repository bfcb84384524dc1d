import { describe, expect, it } from "vitest";
import { hostTensor } from "../host-tensor.ts";
import { Emitter } from "./emit.ts";
import { GraphBuilder, type Node, readersOf, rewriteGraph } from "./graph.ts";

function setUp() {
  const builder = new GraphBuilder();
  return {
    builder,
    emit: new Emitter(builder),
    x: builder.input("x", "float32", [2, 3]),
    y: builder.input("y", "float32", [2, 3]),
  };
}

const operations = (nodes: readonly Node[]) => nodes.map(({ operation }) => operation);

describe("GraphBuilder", () => {
  it("computes a common subexpression once, with operands in either order where that is the same", () => {
    const { emit, x, y } = setUp();
    expect(emit.unary("exp", x)).toBe(emit.unary("exp", x));
    expect(emit.add(x, y)).toBe(emit.add(y, x));
    expect(emit.sub(x, y)).not.toBe(emit.sub(y, x));
    expect(emit.mul(2, x).inputs[0]).toBe(x);
  });

  it("tells attributes apart, whatever the order in which they are written", () => {
    const { builder, emit, x } = setUp();
    const sum = builder.add("reduceSum", [x], { axes: [1], keepDims: true });
    expect(builder.add("reduceSum", [x], { keepDims: true, axes: [1] })).toBe(sum);
    expect(builder.add("reduceSum", [x], { axes: [0], keepDims: true })).not.toBe(sum);
    expect(emit.full(0, "float32")).not.toBe(emit.full(-0, "float32"));
    expect(emit.full(1, "float32")).not.toBe(emit.full(1, "int32"));
    expect(emit.full(Number.NaN, "float32")).toBe(emit.full(Number.NaN, "float32"));
    expect(emit.pad(x, [1, 0], [0, 0])).not.toBe(emit.pad(x, [1, 0], [0, 0], Number.POSITIVE_INFINITY));
  });

  it("merges constants of few elements by value, of many by being the same array, inputs never", () => {
    const { builder } = setUp();
    const constant = (data: Float32Array) =>
      builder.add("constant", [], { value: hostTensor("float32", [data.length], data) });
    expect(constant(Float32Array.of(1, 2))).toBe(constant(Float32Array.of(1, 2)));
    expect(constant(Float32Array.of(0, 1))).not.toBe(constant(Float32Array.of(-0, 1)));
    const long = Float32Array.from({ length: 100 }, (_, i) => i);
    expect(constant(long)).toBe(constant(long));
    expect(constant(long)).not.toBe(constant(long.slice()));
    expect(builder.input("a", "float32", [])).not.toBe(builder.input("b", "float32", []));
  });

  it("keeps a barrier apart from what it passes on", () => {
    const { builder, emit, x, y } = setUp();
    const late = builder.add("barrier", [x, y], {});
    expect(late).not.toBe(x);
    expect(emit.unary("exp", late)).not.toBe(emit.unary("exp", x));
  });

  it("builds of all nodes the inputs and what the outputs need", () => {
    const { builder, emit, x } = setUp();
    const used = emit.unary("exp", x);
    emit.unary("log", used);
    const graph = builder.build([used]);
    expect(operations(graph.nodes)).toEqual(["input", "input", "exp"]);
    expect(graph.inputs).toHaveLength(2);
  });
});

it("readersOf lists each reader once", () => {
  const { builder, emit, x, y } = setUp();
  const graph = builder.build([emit.unary("exp", emit.mul(x, x)), y]);
  const readers = readersOf(graph);
  expect(operations(readers.get(x) as Node[])).toEqual(["mul"]);
  expect(readers.get(y)).toEqual([]);
});

it("rewriteGraph replaces nodes, drops what nobody reads any more, and leaves the given graph alone", () => {
  const { builder, emit, x } = setUp();
  const graph = builder.build([emit.unary("exp", emit.unary("neg", x)), emit.unary("neg", x)]);
  const rewritten = rewriteGraph(graph, (node, inputs, b) =>
    node.operation === "neg" ? b.add("abs", inputs, {}) : undefined,
  );
  expect(operations(rewritten.nodes)).toEqual(["input", "input", "abs", "exp"]);
  expect(operations(graph.nodes)).toEqual(["input", "input", "neg", "exp"]);
});
