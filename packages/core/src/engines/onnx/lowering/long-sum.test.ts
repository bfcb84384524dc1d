import { afterEach, describe, expect, it, vi } from "vitest";
import { graphOf } from "../../../graph/testing/expect-pass.ts";
import { hostTensor, sizeOf } from "../../../host-tensor.ts";
import { onnxEngine } from "../engine.ts";
import { lowerGraph } from "./index.ts";

afterEach(() => vi.unstubAllEnvs());

type Case = readonly [shape: number[], axes: number[]];

const graphs = {
  "of an argument": ([shape, axes]: Case) =>
    graphOf([{ dtype: "float32", shape }], (emit, x) => emit.reduce("reduceSum", x, axes)),
  // Kernels compute this, where there are any.
  "of what is computed": ([shape, axes]: Case) =>
    graphOf([{ dtype: "float32", shape }], (emit, x) => emit.reduce("reduceSum", emit.unary("abs", x), axes, true)),
};

const operators = (sum: Case) =>
  lowerGraph(graphs["of an argument"](sum), "sum", ["x"], ["y"]).nodes.map(({ type }) => type);

describe("long sums in ONNX", () => {
  it("are taken in two stages, with a rest where the length is prime, and short ones as they are", () => {
    expect(operators([[65_535, 2], [0]])).toEqual(["ReduceSum"]);
    expect(operators([[65_536, 2], [0]])).toEqual(["Reshape", "Reshape", "ReduceSum", "ReduceSum", "Reshape"]);
    expect(operators([[65_537, 2], [0]])).toEqual([
      ...["Reshape", "Slice", "Reshape", "ReduceSum", "ReduceSum", "Slice", "ReduceSum", "Add", "Reshape"],
    ]);
    expect(operators([[0, 65_536], [1]])).toEqual(["ReduceSum"]);
  });

  describe.each([
    ["ONNX Runtime's operators", "off"],
    ["native kernels", "on"],
  ])("by %s", (_, native) => {
    describe.each(Object.entries(graphs))("%s", (_, graph) => {
      it.each<Case>([
        [[2 ** 18], [0]],
        [[2 ** 18, 3], [0]],
        [[2, 2 ** 17], [1]],
        [
          [2, 512, 512, 3],
          [1, 2],
        ],
        [
          [300, 2, 300],
          [0, 2],
        ],
        [[65_537, 3], [0]],
        [[2, 65_537], [1]],
      ])("over [%s] along [%s] lose few digits", async (shape, axes) => {
        vi.stubEnv("VITSCALE_NATIVE", native);
        // All roundings of sums of equal numbers go one way for a while: nothing is harder.
        const x = hostTensor("float32", shape, new Float32Array(sizeOf(shape)).fill(0.1));
        const engine = onnxEngine();
        const program = await engine.compile(graph([shape, axes]), { name: "sum", donations: [] });
        const [y] = await program.run([engine.upload(x)]);
        const exact = Math.fround(0.1) * sizeOf(axes.map((axis) => shape[axis] as number));
        for (const sum of await y!.read()) expect(Math.abs((sum as number) / exact - 1)).toBeLessThan(5e-5);
        await program.dispose();
      });
    });

    it("go on beyond 2²⁴", async () => {
      vi.stubEnv("VITSCALE_NATIVE", native);
      const length = 2 ** 17;
      const x = hostTensor("float32", [length, 1], new Float32Array(length).fill(1));
      x.data[0] = 2 ** 24;
      const engine = onnxEngine();
      const program = await engine.compile(graphs["of an argument"]([[length, 1], [0]]), {
        name: "sum",
        donations: [],
      });
      const [y] = await program.run([engine.upload(x)]);
      // Only the ones beside the large number are lost.
      expect((await y!.read())[0]).toBeGreaterThan(2 ** 24 + length - 512);
      await program.dispose();
    });
  });
});
