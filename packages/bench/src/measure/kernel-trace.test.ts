import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readKernelTrace } from "./kernel-trace.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-trace-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Events of one run that begins at `ts`: two products and a softmax, 6 ms of kernels in 10 ms. */
const run = (ts: number) => [
  { cat: "Node", name: "a_fence_before", ts, dur: 500 },
  { cat: "Node", name: "a_kernel_time", ts: ts + 1, dur: 3000, args: { op_name: "MatMul" } },
  { cat: "Node", name: "b_kernel_time", ts: ts + 2, dur: 1000, args: { op_name: "MatMul" } },
  { cat: "Node", name: "c_kernel_time", ts: ts + 3, dur: 2000, args: { op_name: "Softmax" } },
  { cat: "Session", name: "model_run", ts, dur: 10_000 },
];

describe("kernel traces", () => {
  it("add up the kernels of the last runs", () => {
    const path = join(folder, "trace.json");
    const warmUp = run(0).map((event) => ({ ...event, dur: 1e6 }));
    writeFileSync(path, JSON.stringify([...warmUp, ...run(1e7), ...run(2e7)]));
    expect(readKernelTrace(path, 2)).toEqual({
      run: 10,
      kernels: 6,
      byOperation: [
        ["MatMul", 4],
        ["Softmax", 2],
      ],
    });
    expect(() => readKernelTrace(path, 4)).toThrow("holds 3 runs; 4 were to be read");
  });
});
