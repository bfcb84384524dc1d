import { describe, expect, it } from "vitest";
import { countFlops } from "./flops.ts";
import { f32, graphOf } from "./testing/expect-pass.ts";
import { transformerTraining } from "./testing/transformer.ts";

describe("countFlops", () => {
  it("agrees with a count by hand", () => {
    const graph = graphOf([f32(2, 5, 3), f32(4, 3)], (e, x, w) => {
      const product = e.matmul(x!, w!, { transposeB: true });
      return e.reduce("reduceSum", e.mul(product, 2), [2]);
    });
    // [2·5, 3] × [3, 4]: 10·4·3 multiplications with additions; 40 products with 2; 40 additions (one is of 0).
    const cost = countFlops(graph);
    expect([cost.products, cost.elementwise]).toEqual([240, 80]);
    // Read 30 + 12, write 40; read 40, write 40; read 40, write 10: 212 floats.
    expect(cost.bytes).toBe(4 * 212);
    expect([...cost.byOperation]).toEqual([["matmul", 240], ["mul", 40], ["reduceSum", 40]]); // biome-ignore format: a table
  });

  it("counts a convolution and its gradient alike", () => {
    const padding = { top: 0, bottom: 0, left: 0, right: 0 };
    const attributes = { strides: [2, 2], dilations: [1, 1], padding, groups: 1 } as const;
    const graph = graphOf([f32(1, 6, 6, 3), f32(2, 2, 3, 5)], (e, x, filter) => {
      const y = e.builder.add("conv2d", [x!, filter!], attributes);
      return e.builder.add("conv2dInputGradient", [y, filter!], { ...attributes, shape: [1, 6, 6, 3] });
    });
    // 3·3 positions, 5 channels, 2·2·3 taps, twice.
    expect(countFlops(graph).products).toBe(2 * (2 * 45 * 12));
  });

  it("has three times the products of the forward pass in a training step", () => {
    const [depth, batch, tokens, width, heads, classes] = [2, 2, 5, 8, 2, 3];
    const graph = transformerTraining({ depth, batch, tokens, width, heads, classes });
    // Per token: 12·width² weights and 2·tokens·width of attention a block; per image the head.
    const forward = 2 * (batch * tokens * depth * (12 * width ** 2 + 2 * tokens * width) + batch * width * classes);
    // Every product needs both of its gradients: the first norm has a scale, so even the first block's input does.
    expect(countFlops(graph).products).toBe(3 * forward);
  });
});
