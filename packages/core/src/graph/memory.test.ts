import { describe, expect, it } from "vitest";
import { hostTensor } from "../host-tensor.ts";
import { estimateMemory } from "./memory.ts";
import { bool, f32, graphOf } from "./testing/expect-pass.ts";

describe("estimateMemory", () => {
  it("agrees with a count by hand on a chain", () => {
    const graph = graphOf([f32(100)], (e, x) => {
      const a = e.unary("exp", x!);
      const b = e.unary("sin", a);
      const c = e.unary("cos", b);
      return e.add(c, a);
    });
    // x is given and the sum is an output; while c is computed, a (read again), b and c are alive: 3 · 400 bytes.
    const { inputs, outputs, constants, peak, peakAt, timeline } = estimateMemory(graph);
    expect({ inputs, outputs, constants, peak }).toEqual({ inputs: 400, outputs: 400, constants: 0, peak: 1200 });
    expect(graph.nodes[peakAt]?.operation).toBe("cos");
    expect([...timeline]).toEqual([0, 400, 800, 1200, 800]);
  });

  it("takes reshapes and barriers for the memory that they look at", () => {
    const graph = graphOf([f32(10, 10)], (e, x) => {
      const flat = e.reshape(e.unary("exp", x!), [100]);
      return e.unary("sin", e.builder.add("barrier", [flat, x!], {}));
    });
    expect(estimateMemory(graph)).toMatchObject({ peak: 400, outputs: 400 });
  });

  it("counts bytes by dtype, constants once, and outputs that are inputs not at all", () => {
    const graph = graphOf([bool(100), f32(100)], (e, mask, x) => {
      const table = e.constant(
        hostTensor(
          "float32",
          [100],
          Float32Array.from({ length: 100 }, (_, i) => i),
        ),
      );
      return [e.select(e.unary("not", mask!), e.mul(x!, table), table), x!];
    });
    // While the select is computed: 100 bytes of condition and 400 of product.
    expect(estimateMemory(graph)).toMatchObject({ inputs: 500, constants: 400, outputs: 400, peak: 500 });
  });
});
