import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostTensor } from "../../host-tensor.ts";
import { printGraph } from "../print.ts";
import { expectSameResults, f32, graphOf } from "../testing/expect-pass.ts";
import { interpretNode } from "../testing/interpret.ts";
import { graphFromTapes } from "../testing/random-graph.ts";
import { transformerTraining } from "../testing/transformer.ts";
import { simplifyAlgebra } from "./algebra.ts";
import { type PassReport, simplify } from "./simplify.ts";

/** Numbers that decide on the operations of a program, one tape each. */
const tape = fc.noBias(fc.array(fc.nat(1e6), { minLength: 12, maxLength: 24, size: "max" }));
const tapes = fc.noBias(fc.array(tape, { minLength: 1, maxLength: 24, size: "max" }));
const numRuns = Number(process.env.VITSCALE_PROPERTY_RUNS ?? 250);

describe("random programs", () => {
  it("compute the same before and after", () => {
    fc.assert(
      fc.property(tapes, fc.boolean(), (drawn, folds) => {
        const graph = graphFromTapes(drawn);
        expectSameResults(graph, simplify(graph, { evaluate: folds ? interpretNode : undefined }), { tolerance: 2e-6 });
      }),
      { numRuns },
    );
  });

  it("are left alone by a second sweep of identities", () => {
    fc.assert(
      fc.property(tapes, (drawn) => {
        const once = simplifyAlgebra(graphFromTapes(drawn));
        expect(printGraph(simplifyAlgebra(once))).toBe(printGraph(once));
      }),
      { numRuns },
    );
  });
});

describe("simplify", () => {
  it("goes round until nothing changes, and reports each pass", () => {
    const graph = graphOf([f32(3)], (e, x) => {
      const hidden = e.constant(hostTensor("float32", [3], Float32Array.of(1, 2, 3)));
      // Only after folding it is known that x is multiplied with ones.
      return e.mul(x!, e.sub(hidden, e.constant(hostTensor("float32", [3], Float32Array.of(0, 1, 2)))));
    });
    const reports: PassReport[] = [];
    const simple = simplify(graph, { evaluate: interpretNode, onPass: (report) => reports.push(report) });
    expect(printGraph(simple)).toBe('%0 = input "a" : float32[3]\nreturn %0');
    expect(reports.map(({ pass, nodesBefore, nodesAfter }) => `${pass} ${nodesBefore} ${nodesAfter}`)).toEqual([
      "algebra 5 5",
      "constants 5 3",
      "sole readers 3 3",
      "algebra 3 1",
      "constants 1 1",
      "sole readers 1 1",
    ]);
  });

  it("keeps the numbers of a transformer's training step", () => {
    const graph = transformerTraining({ depth: 1, batch: 2, tokens: 3, width: 4, heads: 2, classes: 3 });
    expectSameResults(graph, simplify(graph, { evaluate: interpretNode }));
  });

  it("brings the gradient of split queries, keys and values into one concatenation", () => {
    const graph = transformerTraining({ depth: 2, batch: 2, tokens: 3, width: 4, heads: 2, classes: 3 });
    const count = (g: typeof graph, name: string) => g.nodes.filter(({ operation }) => operation === name).length;
    expect([count(graph, "pad"), count(graph, "concat")]).toEqual([6, 0]);
    expect([count(simplify(graph), "pad"), count(simplify(graph), "concat")]).toEqual([0, 2]);
    // Four products a block going forward, two more for each going back, and six in attention; the head has three.
    expect(count(simplify(graph), "matmul")).toBe(2 * (3 * 4 + 6) + 3);
  });
});
