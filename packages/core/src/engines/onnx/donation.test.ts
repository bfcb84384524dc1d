import { describe, expect, it } from "vitest";
import { Emitter } from "../../graph/emit.ts";
import { type Graph, GraphBuilder, type Node } from "../../graph/graph.ts";
import { hostTensor } from "../../host-tensor.ts";
import { safeDonations } from "./donation.ts";
import { onnxEngine } from "./engine.ts";

/** What a function of two vectors donates if each of its results may take the argument of its own number. */
function donationsOf(f: (emit: Emitter, a: Node, b: Node) => readonly Node[]): { graph: Graph; inPlace: number[] } {
  const builder = new GraphBuilder();
  const [a, b] = [builder.input("a", "float32", [3]), builder.input("b", "float32", [3])];
  const graph = builder.build(f(new Emitter(builder), a, b));
  const steps = graph.nodes.map((node) => ({ kind: "operation", node }) as const);
  const pairs = graph.outputs.map((_, i) => [i, i] as const);
  return { graph, inPlace: [...safeDonations(graph, steps, pairs).keys()] };
}

describe("a result is written over an argument", () => {
  it.each<[string, (emit: Emitter, a: Node, b: Node) => readonly Node[], number[]]>([
    ["that it alone reads", (e, a, b) => [e.add(a, b)], [0]],
    ["that is read for what it is made of", (e, a, b) => [e.mul(e.unary("exp", a), b)], [0]],
    ["but not that is read for something else", (e, a, b) => [e.add(a, b), e.unary("exp", a)], []],
    ["but not that is returned", (e, a, b) => [e.add(a, b), a], []],
    ["but not that is read in another order", (e, a) => [e.builder.add("reverse", [a], { axes: [0] })], []],
  ])("%s", (_, f, expected) => {
    expect(donationsOf(f).inPlace).toEqual(expected);
  });

  it("also where it is returned twice, for its copy is made after it", async () => {
    const { graph, inPlace } = donationsOf((e, a, b) => {
      const sum = e.add(e.mul(a, b), b);
      return [sum, sum];
    });
    expect(inPlace).toEqual([0, 1]);
    const engine = onnxEngine();
    const program = await engine.compile(graph, {
      name: "twice",
      donations: [
        [0, 0],
        [1, 1],
      ],
    });
    const vector = (...values: number[]) => engine.upload(hostTensor("float32", [3], Float32Array.from(values)));
    const results = await program.run([vector(1, 2, 3), vector(10, 20, 30)]);
    for (const result of results) expect(await result.read()).toEqual(Float32Array.of(20, 60, 120));
    await program.dispose();
  });
});
