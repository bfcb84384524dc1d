import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const support = (file: string) => fileURLToPath(new URL(`support/${file}`, import.meta.url));

/** What a process sees of @vitscale/core when it has no such package, or a broken one. */
async function without(name: string, state = "absent"): Promise<Record<string, unknown>> {
  const given = ["--import", "tsx", "--import", support("hide-package.ts"), support("without-package.ts"), name, state];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, given);
  const warnings = stderr.match(/^.*Warning: (?:programs run).*$/gm)?.map((line) => line.replace(/^.*?Warning: /, ""));
  return { ...(JSON.parse(stdout) as object), warnings };
}

it.each([
  [
    "without koffi",
    ["koffi"],
    "koffi, by which native libraries are called, is not installed; install it beside @vitscale/core, for example: npm install koffi@3.3.4",
  ],
  [
    "with a koffi whose native library is missing",
    ["koffi", "broken"],
    "koffi is installed, but its native library does not load (Cannot find the native module); it comes in " +
      `@koromix/koffi-${process.platform}-${process.arch}, an optional dependency of koffi: where there is one for ` +
      `${process.platform}-${process.arch}, install without leaving optional dependencies out`,
  ],
  [
    "without onnxruntime-node",
    ["onnxruntime-node"],
    "onnxruntime-node, whose native library the onnx engine calls, is not installed; install it beside @vitscale/core, for " +
      "example: npm install onnxruntime-node@1.30.0",
  ],
] as const)("%s all but the onnx engine works, which says what to do", async (_, [name, state], reason) => {
  const seen = await without(name, state);
  expect(seen).toEqual({
    onnx: { name: "onnx", isAvailable: false, reason },
    others: expect.arrayContaining(["tfjs-cpu", "tfjs-wasm"]),
    engine: "tfjs-cpu",
    doubled: [2, 4],
    compiling: `engine "onnx" cannot run here: ${reason}`,
    uploading: `engine "onnx" cannot run here: ${reason}`,
    loading: name === "koffi" ? reason : "none",
    warnings: [`programs run in plain JavaScript, slowly, because engine "onnx" cannot run here: ${reason}`],
  });
});
