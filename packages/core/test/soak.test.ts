import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { onnxEngine } from "../src/engines/onnx/engine.ts";
import { OrtSession } from "../src/engines/onnx/session.ts";
import { hostTensor } from "../src/host-tensor.ts";
import { jit } from "../src/jit/jit.ts";
import { growthOf, steadyGrowth } from "./support/growth.ts";

const megabyte = 2 ** 20;

const vector = (length: number) => hostTensor("float32", [length], new Float32Array(length).fill(1));

describe("growth", () => {
  it("counts what most windows add, and not what one or two of them do", () => {
    expect(steadyGrowth([10, 12, 14, 16, 18, 20])).toBe(10);
    expect(steadyGrowth([10, 10, 27, 27, 26, 43])).toBe(0);
    expect(steadyGrowth([10, 12, 30, 31, 33, 36])).toBe(10);
  });

  it("sees results that are kept", { timeout: 120_000 }, async () => {
    const f = jit((x: tf.Tensor) => tf.neg(x));
    const x = vector(64);
    const kept: unknown[] = [];
    const growth = await growthOf(12_000, async () => kept.push(await f(x)));
    // 256 bytes each, and what goes with them.
    expect(growth).toBeGreaterThan(256 * 12_000);
    expect(kept).toHaveLength(13_200);
  });
});

describe("ONNX Runtime called from JavaScript leaks nothing", () => {
  it("in 100,000 runs under forced garbage collection, whether results are disposed of or dropped", {
    timeout: 120_000,
  }, async () => {
    const f = jit((x: tf.Tensor, scale: tf.Tensor) => tf.mul(x, scale));
    const x = vector(64);
    const growth = await growthOf(100_000, async (i) => {
      const y = await f(x, i);
      if (i % 2 === 0) y.dispose();
    });
    // A handle of 100 bytes for each run would be 10 MB.
    expect(growth).toBeLessThan(8 * megabyte);
    expect((await (await f(x, 3)).read())[63]).toBe(3);
  });

  it("in programs that are compiled, run and disposed of", { timeout: 120_000 }, async () => {
    const growth = await growthOf(100, async (i) => {
      const f = jit((x: tf.Tensor) => tf.sum(tf.exp(tf.add(x, i))));
      (await f(vector(8))).dispose();
      await f.dispose();
    });
    expect(growth).toBeLessThan(16 * megabyte);
  });

  it("in models that fail to load", { timeout: 120_000 }, async () => {
    const broken = new Uint8Array(megabyte / 4).fill(7);
    let message = "";
    const growth = await growthOf(100, () =>
      OrtSession.load(broken, ["x"], ["y"]).catch((error: Error) => {
        message = error.message;
      }),
    );
    expect(message).toMatch(/^onnxruntime CreateSessionFromArray: /);
    expect(growth).toBeLessThan(16 * megabyte);
  });

  it("in runs that fail, before and within the library", { timeout: 120_000 }, async () => {
    const f = jit((x: tf.Tensor, i: tf.Tensor) => tf.gather(x, i as tf.Tensor1D), { name: "lookup" });
    const at = (i: number) => hostTensor("int32", [1], Int32Array.of(i));
    await f(vector(4), at(0));
    let failures = 0;
    const growth = await growthOf(2000, async (i) => {
      const gone = onnxEngine().upload(vector(4));
      gone.dispose();
      await f(i % 2 === 0 ? vector(4) : gone, at(9)).catch(() => {
        failures++;
      });
    });
    expect(failures).toBe(2200);
    expect(growth).toBeLessThan(8 * megabyte);
  });

  it("in a program that is disposed of while it runs: it refuses, finishes, and can then be freed", async () => {
    const engine = onnxEngine();
    const x = engine.upload(vector(1 << 16));
    const graph = jit((v: tf.Tensor) => tf.sum(tf.exp(v))).graph(vector(1 << 16));
    const program = await engine.compile(graph, { name: "busy", donations: [] });
    const running = program.run([x]);
    await expect(program.dispose()).rejects.toThrow(
      "a program was disposed of while it was running; await its runs first",
    );
    expect((await running)[0]?.isDisposed).toBe(false);
    await program.dispose();
  });
});

it("several threads compile and run programs at once, and end", { timeout: 120_000 }, async () => {
  const rounds = 40;
  // A worker thread of Node reads no TypeScript by itself.
  const loader = pathToFileURL(
    join(dirname(createRequire(import.meta.url).resolve("tsx/package.json")), "dist/esm/api/index.mjs"),
  ).href;
  const script = new URL("./support/thread.ts", import.meta.url).href;
  const code = `import(${JSON.stringify(loader)}).then(({ register }) => (register(), import(${JSON.stringify(script)})));`;
  const sums = await Promise.all(
    [0, 1, 2].map(async (seed) => {
      const worker = new Worker(code, { eval: true, workerData: { seed, rounds } });
      return await new Promise<number>((resolve, reject) => {
        let sum = Number.NaN;
        worker.on("message", (message: number) => {
          sum = message;
        });
        worker.on("error", reject);
        worker.on("exit", (code) => (code === 0 ? resolve(sum) : reject(new Error(`a thread ended with ${code}`))));
      });
    }),
  );
  // Each element of the product of two matrices of ones of side n is n.
  expect(sums).toEqual([0, 1, 2].map((seed) => rounds * 3 * (8 + seed) ** 3));
});
