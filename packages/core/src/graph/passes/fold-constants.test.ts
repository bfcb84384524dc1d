import { expect, it } from "vitest";
import { hostTensor } from "../../host-tensor.ts";
import { expectPass, f32, graphOf } from "../testing/expect-pass.ts";
import { interpretNode } from "../testing/interpret.ts";
import { type Evaluate, foldConstants } from "./fold-constants.ts";

const numbers = (...values: number[]) => hostTensor("float32", [values.length], Float32Array.from(values));

it("computes what depends on constants alone, and knows one number everywhere when it sees it", () => {
  const graph = graphOf([f32(2)], (e, x) => {
    const sum = e.add(e.constant(numbers(1, 2)), e.unary("square", e.constant(numbers(3, 4))));
    return [e.add(x!, sum), e.sub(sum, e.constant(numbers(10, 18)))];
  });
  const pass = (g: typeof graph) => foldConstants(g, interpretNode);
  expectPass(pass, graph, "%1 = add %0, [10.0, 18.0] : float32[2]\n%2 = full 0.0 : float32[2]\nreturn %1, %2");
});

it("leaves what is large, and what is smaller uncomputed", () => {
  const evaluated: string[] = [];
  const evaluate: Evaluate = (node, inputs) => {
    evaluated.push(node.operation);
    return interpretNode(node, inputs);
  };
  const graph = graphOf([], (e) => {
    const row = e.constant(numbers(1, 2, 3, 4));
    return [
      e.unary("exp", e.builder.add("tile", [row], { repetitions: [3] })),
      e.broadcast(row, [2, 4]),
      e.unary("exp", row),
    ];
  });
  const folded = foldConstants(graph, evaluate, { limit: 10 });
  expect(evaluated).toEqual(["exp"]);
  expect(folded.nodes.map(({ operation }) => operation)).toEqual(["constant", "tile", "exp", "broadcast", "constant"]);
});
