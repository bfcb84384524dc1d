import fc from "fast-check";
import { describe, it } from "vitest";
import { expectSameResults } from "../testing/expect-pass.ts";
import { graphFromTapes } from "../testing/random-graph.ts";
import { simplifyAlgebra } from "./algebra.ts";

/** Numbers that decide on the operations of a program, one tape each. */
const tape = fc.noBias(fc.array(fc.nat(1e6), { minLength: 12, maxLength: 24, size: "max" }));
const tapes = fc.noBias(fc.array(tape, { minLength: 1, maxLength: 24, size: "max" }));

describe("random programs", () => {
  it("compute the same before and after", () => {
    fc.assert(
      fc.property(tapes, (drawn) => {
        const graph = graphFromTapes(drawn);
        expectSameResults(graph, simplifyAlgebra(graph), { tolerance: 2e-6 });
      }),
      { numRuns: Number(process.env.RUNS ?? 400) },
    );
  });
});
