import { describe, expect, it } from "vitest";
import { Emitter } from "../../../graph/emit.ts";
import { type Graph, GraphBuilder } from "../../../graph/graph.ts";
import { interpretGraph } from "../../../graph/testing/interpret.ts";
import { randomInputs } from "../../../graph/testing/random-data.ts";
import type { HostTensor } from "../../../host-tensor.ts";
import { onnxEngine } from "../engine.ts";
import { lowerGraph } from "./index.ts";
import { productForm } from "./product.ts";

type Transposes = { readonly transposeA: boolean; readonly transposeB: boolean };

/** Aᵀ or A by B or Bᵀ, [rows, inner] by [inner, columns]. */
function product([rows, inner, columns]: readonly [number, number, number], flags: Transposes): Graph {
  const builder = new GraphBuilder();
  const a = builder.input("a", "float32", flags.transposeA ? [inner, rows] : [rows, inner]);
  const b = builder.input("b", "float32", flags.transposeB ? [columns, inner] : [inner, columns]);
  return builder.build([new Emitter(builder).matmul(a, b, flags)]);
}

const operators = (graph: Graph) => lowerGraph(graph, "product", ["a", "b"], ["y"]).nodes.map(({ type }) => type);

const straight = { transposeA: false, transposeB: false };
const left = { transposeA: true, transposeB: false };
const both = { transposeA: true, transposeB: true };

describe("products in ONNX", () => {
  it.each([
    ["nothing transposed", [4, 40, 2000], straight, ["MatMul"]],
    ["the right operand transposed", [4, 40, 3], { ...straight, transposeB: true }, ["FusedMatMul"]],
    ["few columns", [9, 9, 300], left, ["FusedMatMul"]],
    // Moved: 4·40 = 160 elements for 4·40·2000 multiplications.
    ["many columns", [4, 40, 2000], left, ["Transpose", "MatMul"]],
    ["many columns, both transposed", [4, 40, 2000], both, ["Transpose", "FusedMatMul"]],
    // Moved: 1050·1 + 1050·1 = 2,100 elements for 1050·1050·1 = 1,102,500 multiplications.
    ["many rows and long sums", [1050, 1050, 1], left, ["Transpose", "MatMul", "Transpose"]],
    // Moved: the 8·3 elements of the product for 8·600·3 = 14,400 multiplications.
    ["long sums, both transposed", [8, 600, 3], both, ["MatMul", "Transpose"]],
  ] as const)("of %s", async (_, sizes, flags, expected) => {
    const graph = product(sizes, flags);
    expect(operators(graph)).toEqual(expected);

    const inputs = randomInputs(graph);
    const [want] = interpretGraph(graph, inputs) as [HostTensor];
    const engine = onnxEngine();
    const program = await engine.compile(graph, { name: "product", donations: [] });
    const [y] = await program.run(inputs.map((input) => engine.upload(input)));
    const got = await y!.read();
    await program.dispose();
    // Terms are below 4: each of the sum's roundings is below that many units in the last place, and they add up.
    const tolerance = 4 * sizes[1] * 2 ** -23;
    const worst = Math.max(...Array.from(want.data, (value, i) => Math.abs(value - got[i]!)));
    expect(worst).toBeLessThan(tolerance);
  });

  it("moves the smaller side of a weight gradient of ViT-S/16", () => {
    // Tokens · width by tokens · (3·width + 4·width), and tokens · (width + 4·width) by tokens · width.
    expect(productForm([384, 1568, 2688], left)).toBe("left first");
    expect(productForm([1920, 1568, 384], left)).toBe("turned");
    expect(productForm([384, 1568, 384], left)).toBe("as given");
  });
});
