import "@tensorflow/tfjs-backend-cpu";
import { readFileSync, writeFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { constantKernels, differentiableKernels } from "../src/gradients/index.ts";
import { gradientCases } from "../src/gradients/testing/cases.ts";
import { obstacleOf } from "../src/trace/unsupported.ts";
import { cases } from "./cases/all.ts";
import { deviations, leftOpen } from "./cases/deviations.ts";
import { recordable } from "./support/recordable.ts";

const file = new URL("../../../FEATURES.md", import.meta.url);

const ofTfjs = tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName);
const kernels = [...new Set([...ofTfjs, ...recordable])].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));

const isDerivative = (kernel: string) => /Grad(V2)?$|Backprop(Input|Filter)(V2)?$/.test(kernel);
const isFused = (kernel: string) => kernel.includes("Fused") && !differentiableKernels.includes(kernel);

function gradientOf(kernel: string): string {
  const count = gradientCases.filter((each) => each.kernel === kernel).length;
  if (differentiableKernels.includes(kernel)) return `yes (${count})`;
  if (constantKernels.includes(kernel)) return "zero";
  if (isFused(kernel)) return "by its parts";
  if (isDerivative(kernel)) return "is one";
  return "none";
}

function row(kernel: string): string {
  const count = cases.filter((each) => each.kernel === kernel).length;
  const cells = [`\`${kernel}\``, `${count}`, gradientOf(kernel), "yes", "yes", "yes"];
  return `| ${cells.join(" | ")} |`;
}

const table = (head: readonly string[], rows: readonly string[]) => [
  `| ${head.join(" | ")} |`,
  `|${" --- |".repeat(head.length)}`,
  ...rows,
];

/** The text of FEATURES.md. */
function features(): string {
  const missing = kernels.filter((kernel) => !recordable.includes(kernel));
  const withGradient = recordable.filter((kernel) => differentiableKernels.includes(kernel));
  const withoutSlope = recordable.filter((kernel) => constantKernels.includes(kernel));
  const recorded = ofTfjs.filter((kernel) => recordable.includes(kernel));
  return [
    "# Features",
    "",
    "<!-- Written by packages/core/test/features.test.ts. `UPDATE_FEATURES=1 npx vitest run packages/core/test/features.test.ts` rewrites it. -->",
    "",
    `Of the ${ofTfjs.length} kernels of tfjs-cpu 4.22, ${recorded.length} can be used inside \`jit\`. A gradient flows through`,
    `${withGradient.length} of the recordable kernels; ${withoutSlope.length} more move in steps, and their gradient is zero.`,
    "",
    "- **calls**: how many calls of the kernel, of different shapes, types and attributes, are compared with eager tfjs-cpu on",
    "  `onnx` (with and without native kernels) and on `tfjs-cpu`; one of them also on `tfjs-wasm` (`packages/core/test/kernels.test.ts`).",
    "- **gradient**: the number in brackets counts calls whose gradient is compared with central differences, and on every engine",
    "  with eager tfjs-cpu. Fused kernels are differentiated by the kernels that they fuse. Derivatives of derivatives are refused.",
    "",
    ...table(["kernel", "calls", "gradient", "`onnx`", "`tfjs-cpu`", "`tfjs-wasm`"], recordable.map(row)),
    "",
    "## Kernels that cannot be recorded",
    "",
    ...table(
      ["kernel", "why"],
      missing.map((kernel) => `| \`${kernel}\` | ${obstacleOf(kernel)} |`),
    ),
    "",
    "## Where programs differ from eager tfjs-cpu",
    "",
    "Each line is tested (`packages/core/test/deviations.test.ts`).",
    "",
    ...table(
      ["what", "tfjs-cpu 4.22", "a compiled program"],
      deviations.map(({ what, tfjs, here }) => `| ${what} | ${tfjs} | ${here} |`),
    ),
    "",
    "Left open, so that engines may differ:",
    "",
    ...leftOpen.map((what) => `- ${what}`),
    "",
  ].join("\n");
}

it("FEATURES.md is up to date", () => {
  if (process.env.UPDATE_FEATURES === "1") writeFileSync(file, features());
  expect(readFileSync(file, "utf8"), "run it with UPDATE_FEATURES=1 to write the file anew").toBe(features());
});
