import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { constantKernels, differentiableKernels } from "../src/gradients/index.ts";
import { recordableKernels } from "../src/trace/record.ts";
import { variants } from "./support/engines.ts";

const file = join(import.meta.dirname, "..", "..", "..", "FEATURES.md");

/** What tfjs calls a kernel: every exported string that is the name of its own constant, in tfjs's spelling. */
const tfjsKernels = Object.values(tf as Record<string, unknown>).filter(
  (value): value is string => typeof value === "string" && /^_?[A-Z]\w+$/.test(value),
);

function gradientOf(kernel: string): string {
  if (differentiableKernels.includes(kernel)) return "yes";
  return constantKernels.includes(kernel) ? "zero" : "–";
}

function features(): string {
  const recorded = recordableKernels();
  const missing = [...new Set(tfjsKernels)].filter((kernel) => !recorded.includes(kernel)).sort();
  const engines = variants.map(({ name }) => name);
  const rows = recorded.map((kernel) => `| ${[kernel, gradientOf(kernel), ...engines.map(() => "yes")].join(" | ")} |`);
  const flowing = recorded.filter((kernel) => gradientOf(kernel) === "yes").length;
  return `# Features

Written by \`packages/core/test/features.test.ts\`; \`UPDATE_FEATURES=1\` writes it again.

${recorded.length} TensorFlow.js kernels can be recorded inside \`jit\`. Through ${flowing} of them gradients flow; those of kernels that move
in steps are zero. \`kernels.test.ts\` compares every one of them, compiled for each engine below, with TensorFlow.js's own eager
CPU backend, and \`gradients-on-engines.test.ts\` their gradients; other eager backends run the same operations by TensorFlow.js's
kernels.

| ${["kernel", "gradient", ...engines].join(" | ")} |
| ${["---", "---", ...engines.map(() => "---")].join(" | ")} |
${rows.join("\n")}

## Not recorded

A jitted function that uses one of these ends with an error that names it:

${missing.map((kernel) => `\`${kernel}\``).join(", ")}
`;
}

it("FEATURES.md says what is so", () => {
  if (process.env.UPDATE_FEATURES) writeFileSync(file, features());
  expect(existsSync(file) && readFileSync(file, "utf8")).toBe(features());
});
