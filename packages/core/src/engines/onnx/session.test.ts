import { expect, it } from "vitest";
import { Emitter } from "../../graph/emit.ts";
import { GraphBuilder } from "../../graph/graph.ts";
import { lowerGraph } from "./lowering/index.ts";
import { encodeModel } from "./model.ts";
import { OrtSession } from "./session.ts";

function model(): Uint8Array {
  const builder = new GraphBuilder();
  const emit = new Emitter(builder);
  const graph = builder.build([emit.unary("tanh", builder.input("x", "float32", [4, 4]))]);
  return encodeModel(lowerGraph(graph, "tanh", ["x"], ["y"]));
}

it("a session that lost the race of two threads to make operators known is made again, and no other failure is hidden", async () => {
  // As ONNX Runtime 1.30 says it in the thread that was second.
  const lost =
    "onnxruntime CreateSessionFromArray: Trying to add a domain to DomainToVersion map, but the domain is already exist with version " +
    'range (1, 1000). domain: "vitscale.native"';
  const failures = [new Error(lost), new Error(lost)];
  const configure = () => {
    const failure = failures.pop();
    if (failure) throw failure;
  };
  const session = await OrtSession.load(model(), ["x"], ["y"], { configure });
  expect(failures).toEqual([]);
  session.dispose();

  const refuse = () => {
    throw new Error("out of memory");
  };
  await expect(OrtSession.load(model(), ["x"], ["y"], { configure: refuse })).rejects.toThrow("out of memory");
});
