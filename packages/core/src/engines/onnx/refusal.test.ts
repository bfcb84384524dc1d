import { expect, it } from "vitest";
import { Emitter } from "../../graph/emit.ts";
import { GraphBuilder } from "../../graph/graph.ts";
import { onnxEngine } from "./engine.ts";
import { refusal } from "./refusal.ts";

it("an operation that ONNX Runtime has not for a type is named with it", async () => {
  const builder = new GraphBuilder();
  const emit = new Emitter(builder);
  const x = emit.reshape(builder.input("x", "uint8", [2, 3]), [6]);
  const graph = builder.build([emit.unary("neg", x)]);
  await expect(onnxEngine().compile(graph, { name: "negative", donations: [] })).rejects.toThrow(
    /^internal: ONNX Runtime cannot run neg\(uint8\[6\]\) of program "negative"; cast its operands .*Neg/,
  );
});

it("what names no operation stays as it is", () => {
  const error = new Error("onnxruntime CreateSessionFromArray: out of memory");
  expect(refusal(error, { name: "any", inputs: [], outputs: [], nodes: [], inner: [], initializers: [] })).toBe(error);
});
