import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Emitter } from "../../../graph/emit.ts";
import { type Graph, GraphBuilder } from "../../../graph/graph.ts";
import { hostTensor } from "../../../host-tensor.ts";
import { onnxEngine } from "../engine.ts";
import { encodeModel } from "../model.ts";
import { OrtSession } from "../session.ts";
import { OnnxTensor } from "../tensor.ts";
import { lowerGraph } from "./index.ts";

/** tanh of x beside a chain of products that starts from it: the result reads the tanh first, then the chain's end. */
function program(isOrdered: boolean): Graph {
  const builder = new GraphBuilder();
  const emit = new Emitter(builder);
  const x = builder.input("x", "float32", [4, 4]);
  const chain = emit.matmul(emit.matmul(x, x), x);
  const late = isOrdered ? builder.add("barrier", [x, chain], {}) : x;
  return builder.build([emit.add(emit.unary("tanh", late), chain)]);
}

/** Operators in the order in which they ran, and the result. */
async function run(graph: Graph): Promise<{ order: string[]; values: number[] }> {
  const folder = mkdtempSync(join(tmpdir(), "vitscale-barrier-"));
  try {
    const model = encodeModel(lowerGraph(graph, "order", ["x"], ["y"]));
    const session = await OrtSession.load(model, ["x"], ["y"], { profilePrefix: join(folder, "profile") });
    const x = OnnxTensor.share(
      onnxEngine(),
      hostTensor("float32", [4, 4], Float32Array.from({ length: 16 }, Math.sin)),
    );
    const y = OnnxTensor.allocate(onnxEngine(), "float32", [4, 4]);
    await session.run([x.handle], [y.handle], [x, y]);
    session.dispose();
    const [profile] = readdirSync(folder);
    const events = JSON.parse(readFileSync(join(folder, profile as string), "utf8")) as { name: string; ts: number }[];
    const kernels = events.filter(({ name }) => name.endsWith("_kernel_time")).sort((a, b) => a.ts - b.ts);
    const order = kernels.map(({ name }) => name.split("_")[1] as string);
    return { order, values: [...(await y.read())] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("barriers in ONNX Runtime", () => {
  it("put off what follows until the other values are there, and change no value", async () => {
    const [plain, ordered] = [await run(program(false)), await run(program(true))];
    const lastProduct = ({ order }: typeof plain) => order.lastIndexOf("MatMul");
    expect(plain.order.indexOf("Tanh")).toBeLessThan(lastProduct(plain));
    expect(ordered.order.indexOf("Tanh")).toBeGreaterThan(lastProduct(ordered));
    expect(ordered.values).toEqual(plain.values);
  });

  it.each([
    ["scalars", [], "float32"],
    ["booleans", [3], "bool"],
    ["empty tensors", [0, 2], "float32"],
  ] as const)("pass on %s", async (_, shape, dtype) => {
    const builder = new GraphBuilder();
    const x = builder.input("x", dtype, shape);
    const flag = builder.input("flag", "bool", []);
    const none = builder.input("none", "float32", [0]);
    const graph = builder.build([builder.add("barrier", [x, flag, none], {}), builder.add("barrier", [x, none], {})]);
    const engine = onnxEngine();
    const executable = await engine.compile(graph, { name: "barriers", donations: [] });
    const values = hostTensor(dtype, shape);
    values.data.fill(1);
    const outputs = await executable.run(
      [values, hostTensor("bool", []), hostTensor("float32", [0])].map((t) => engine.upload(t)),
    );
    for (const output of outputs) expect(await output.host()).toEqual(values);
  });
});
