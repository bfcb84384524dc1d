import { expect, it } from "vitest";
import { estimateMemory } from "../memory.ts";
import { expectPass, expectSameResults, f32, graphOf } from "../testing/expect-pass.ts";
import { transformerTraining } from "../testing/transformer.ts";
import { computeResultsEarly } from "./early-results.ts";
import { simplify } from "./simplify.ts";

it("updates a parameter right after its gradient", () => {
  const graph = graphOf([f32(4), f32(4), f32(4)], (e, x, v, w) => {
    const [dv, dw] = [e.unary("exp", x!), e.unary("sin", x!)];
    const decayed = e.mul(v!, 0.9);
    return [e.sub(decayed, dv), e.sub(w!, dw)];
  });
  expectPass(
    computeResultsEarly,
    graph,
    `%3 = exp %0 : float32[4]
     %4 = mul %1, 0.9 : float32[4]
     %5 = sub %4, %3 : float32[4]
     %6 = sin %0 : float32[4]
     %7 = sub %2, %6 : float32[4]
     return %5, %7`,
  );
});

it("does not where all gradients are needed first", () => {
  const graph = graphOf([f32(4, 4), f32(4, 4)], (e, v, w) => {
    const [dv, dw] = [e.matmul(v!, v!), e.matmul(w!, w!)];
    const norm = e.add(e.reduce("reduceSum", dv, [0, 1]), e.reduce("reduceSum", dw, [0, 1]));
    return [e.div(dv, norm), e.div(dw, norm)];
  });
  const order = (g: typeof graph) => g.nodes.map(({ operation }) => operation);
  expect(order(computeResultsEarly(graph))).toEqual(order(graph));
});

it("spares a large model's training step the memory of its gradients", () => {
  // Many parameters and few tokens: what is left to be in memory are gradients.
  const graph = simplify(transformerTraining({ depth: 6, batch: 1, tokens: 4, width: 32, heads: 2, classes: 5 }));
  expect(estimateMemory(computeResultsEarly(graph)).peak).toBeLessThan(estimateMemory(graph).peak / 2);
  const small = transformerTraining({ depth: 1, batch: 1, tokens: 2, width: 4, heads: 2, classes: 2 });
  expectSameResults(small, computeResultsEarly(small), { tolerance: 0 });
});
