import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countFlops } from "../../flops.ts";
import type { Graph } from "../../graph.ts";
import { bufferOf, estimateMemory } from "../../memory.ts";
import { printGraph } from "../../print.ts";
import { expectPass, expectSameResults, f32, graphOf } from "../../testing/expect-pass.ts";
import { graphFromTapes } from "../../testing/random-graph.ts";
import { transformerTraining } from "../../testing/transformer.ts";
import { simplify } from "../simplify.ts";
import { cutAt } from "./halves.ts";
import { rematerialize } from "./index.ts";
import { recomputeLate } from "./recompute.ts";

/** x → exp(w₀·x) → product → sin → product → loss, and the gradient of the weights, written out. */
const chain = graphOf([f32(8, 8), f32(8, 8), f32(8, 8)], (e, x, w0, w1) => {
  const a = e.matmul(x!, w0!);
  const b = e.unary("sin", e.mul(a, 2));
  const c = e.matmul(b, w1!);
  const loss = e.reduce("reduceSum", e.unary("square", c), [0, 1]);
  const dc = e.mul(c, 2);
  const dw1 = e.matmul(b, dc, { transposeA: true });
  const db = e.matmul(dc, w1!, { transposeB: true });
  const da = e.mul(e.mul(db, 2), e.unary("cos", e.mul(a, 2)));
  return [loss, e.matmul(x!, da, { transposeA: true }), dw1];
});

describe("rematerialize cheaply", () => {
  it("computes again what follows from a stored product, after what its reader waits for anyway", () => {
    expectPass(
      (graph) => rematerialize(graph, "cheap"),
      chain,
      `%3 = matmul %0, %1 : float32[8,8]
       %4 = mul %3, 2.0 : float32[8,8]
       %5 = sin %4 : float32[8,8]
       %6 = matmul %5, %2 : float32[8,8]
       %7 = square %6 : float32[8,8]
       %8 = reduceSum %7 {axes=[0,1]} : float32[]
       %9 = mul %6, 2.0 : float32[8,8]
       %10 = barrier %4, %9 : float32[8,8]
       %11 = sin %10 : float32[8,8]
       %12 = matmul %11, %9 {transposeA} : float32[8,8]
       %13 = matmul %9, %2 {transposeB} : float32[8,8]
       %14 = mul %13, 2.0 : float32[8,8]
       %15 = cos %4 : float32[8,8]
       %16 = mul %14, %15 : float32[8,8]
       %17 = matmul %0, %16 {transposeA} : float32[8,8]
       return %8, %17, %12`,
    );
  });
});

// ViT-S/16 on images of 224 × 224 without its patch embedding.
const sizes = { depth: 12, batch: 8, tokens: 197, width: 384, heads: 6, classes: 1000 };
const training = simplify(transformerTraining(sizes, { optimizer: false }));
const peak = (graph: Graph) => estimateMemory(graph).peak;
const products = (graph: Graph) => countFlops(graph).products;

describe("a transformer's training step", () => {
  it("keeps its numbers, bit for bit", () => {
    const small = simplify(transformerTraining({ depth: 2, batch: 2, tokens: 3, width: 4, heads: 2, classes: 3 }));
    for (const strength of ["cheap", "block"] as const) {
      const recomputed = rematerialize(small, strength);
      expect(recomputed.nodes.length).toBeGreaterThan(small.nodes.length);
      expectSameResults(small, recomputed, { tolerance: 0 });
    }
  });

  it("needs less than half of the memory, with not one product more", () => {
    const cheap = rematerialize(training, "cheap");
    expect(peak(cheap)).toBeLessThan(peak(training) / 2);
    expect(products(cheap)).toBe(products(training));
  });

  it("needs the inputs of blocks and one block, with a third more products at most", () => {
    const block = rematerialize(training, "block");
    expect(peak(block)).toBeLessThan(peak(training) / 4);
    expect(products(block)).toBeLessThan((4 / 3) * products(training));
    expect(products(block)).toBeGreaterThan(products(training));
  });

  it("grows by the size of a residual stream for each further block", () => {
    const deep = (depth: number) => {
      const graph = simplify(transformerTraining({ ...sizes, depth }, { optimizer: false }));
      return peak(rematerialize(graph, "block"));
    };
    // Twelve blocks more; each may keep one [batch, tokens, width] of floats, and gradients are results.
    expect(deep(24) - deep(12)).toBeLessThanOrEqual(12 * (8 * 197 * 384) * 4);
  });

  it("does not take the optimizer's wait for gradients for the turning point", () => {
    // One token: gradients of the weights are all that fills memory.
    const narrow = simplify(transformerTraining({ depth: 6, batch: 1, tokens: 1, width: 32, heads: 2, classes: 5 }));
    for (const strength of ["cheap", "block"] as const) {
      expect(products(rematerialize(narrow, strength))).toBeLessThan(1.4 * products(narrow));
    }
  });

  it("is not merged again by simplification", () => {
    const block = rematerialize(training, "block");
    expect(printGraph(simplify(block))).toBe(printGraph(block));
  });

  it("makes copies that wait for a late value", () => {
    const graph = rematerialize(training, "cheap");
    const barriers = graph.nodes.filter(({ operation }) => operation === "barrier");
    const loss = graph.nodes.indexOf(bufferOf(graph.outputs[0]!));
    expect(barriers.length).toBeGreaterThan(sizes.depth);
    for (const { inputs } of barriers) expect(graph.nodes.indexOf(inputs[1]!)).toBeGreaterThan(loss);
  });
});

describe("programs without a backward pass", () => {
  it("are left as they are", () => {
    const graph = graphOf([f32(4, 4)], (e, x) => e.unary("exp", e.matmul(x!, x!)));
    expect(rematerialize(graph, "cheap")).toBe(graph);
    expect(rematerialize(graph, "block")).toBe(graph);
  });

  it("give the same whatever is stored, wherever they are cut", () => {
    const tape = fc.noBias(fc.array(fc.nat(1e6), { minLength: 12, maxLength: 24, size: "max" }));
    const tapes = fc.noBias(fc.array(tape, { minLength: 1, maxLength: 24, size: "max" }));
    fc.assert(
      fc.property(tapes, fc.nat(), fc.integer(), (drawn, cut, choice) => {
        const graph = graphFromTapes(drawn);
        const stored = new Set(graph.nodes.filter((_, i) => (choice >> (i % 32)) & 1).map(bufferOf));
        const recomputed = recomputeLate(cutAt(graph, cut % graph.nodes.length), stored);
        expectSameResults(graph, recomputed, { tolerance: 0 });
      }),
      { numRuns: 150 },
    );
  });
});
