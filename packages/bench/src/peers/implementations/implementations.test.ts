import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vit22b } from "@vitscale/vit";
import { afterAll, describe, expect, it } from "vitest";
import { disagreement } from "../compare.ts";
import { writeOnnxFolder } from "../onnx-folder.ts";
import type { Task } from "../protocol.ts";
import { writeWeights } from "../weights.ts";
import { implementations, type NodePeer } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-peers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const size = { width: 16, depth: 2, heads: 2, mlpWidth: 32, imageSide: 16, classes: 5 } as const;
const model = vit22b("mu/8", { ...size, pooling: "gap", headKernel: "lecun-normal" });
const common = { model, batch: 3, threads: 1, weights: writeWeights(join(folder, "w.f32"), model) };
const task: Task = { kind: "train-step", ...common, learningRate: 1e-2, weightDecay: 0.1 };

async function prepare(name: NodePeer, given: Task) {
  return (await implementations[name]())(given);
}

describe("peers in Node", () => {
  it.each(["tfjs-cpu", "tfjs-wasm", "jax-js"] as const)("%s takes the same steps as this project", async (name) => {
    const ours = await prepare("vitscale", task);
    const theirs = await prepare(name, task);
    expect(ours.check).toHaveLength(3);
    expect(ours.check[2]).toBeLessThan(ours.check[0]!);
    expect(disagreement(theirs.check, ours.check)).toBeUndefined();
    // Far closer than the 1 % that a race allows.
    for (const [index, loss] of theirs.check.entries()) expect(loss).toBeCloseTo(ours.check[index]!, 3);
    const [milliseconds] = await theirs.run();
    expect(milliseconds).toBeGreaterThan(0);
    await ours.finish?.();
  });

  it("say what they cannot do", async () => {
    const products: Task = { kind: "products", threads: 1, products: [] };
    await expect(prepare("jax-js", products)).rejects.toThrow(
      'jax-js has no implementation of the task "products"; it does train-step',
    );
  });

  it("times every product of a list", async () => {
    const shapes = [1, 8].map((side) => ({ rows: side, inner: 2 * side, columns: side }));
    const { run } = await prepare("vitscale", { kind: "products", threads: 1, products: shapes });
    expect(await run()).toHaveLength(2);
  });

  it("onnxruntime-node gives the logits of this project from the exported model", async () => {
    const onnxFolder = join(folder, "onnx-model");
    await writeOnnxFolder(onnxFolder, model, common.batch);
    const inference: Task = { kind: "inference", ...common, onnxFolder };
    const ours = await prepare("vitscale", inference);
    const theirs = await prepare("onnxruntime-node", inference);
    expect(ours.check).toHaveLength(5);
    expect(Math.max(...ours.check.map(Math.abs))).toBeGreaterThan(0.01);
    for (const [index, logit] of theirs.check.entries()) expect(logit).toBeCloseTo(ours.check[index]!, 4);
  });
});
