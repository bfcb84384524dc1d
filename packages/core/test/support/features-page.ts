import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { constantKernels, differentiableKernels } from "../../src/gradients/index.ts";
import { obstacleOf } from "../../src/trace/unsupported.ts";
import { deviations, leftOpen } from "../cases/deviations.ts";
import type { Agreement } from "./agreement.ts";
import type { Column } from "./engines.ts";
import { recordable } from "./recordable.ts";

/** What stands where an engine could not run. */
const unmeasured = "–";

const ofTfjs = tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName);
const kernels = [...new Set([...ofTfjs, ...recordable])].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));

const isDerivative = (kernel: string) => /Grad(V2)?$|Backprop(Input|Filter)(V2)?$/.test(kernel);
const isFused = (kernel: string) => kernel.includes("Fused") && !differentiableKernels.includes(kernel);

function gradientOf(kernel: string): string {
  if (differentiableKernels.includes(kernel)) return "yes";
  if (constantKernels.includes(kernel)) return "zero";
  if (isFused(kernel)) return "by its parts";
  if (isDerivative(kernel)) return "is one";
  return "none";
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);

/** The cells of a page by its first column and heading, of all tables. */
function cellsOf(page: string): Map<string, string> {
  const cells = new Map<string, string>();
  let head: readonly string[] = [];
  for (const line of page.split("\n")) {
    const row = line.startsWith("| ") ? line.slice(2, -2).split(" | ") : [];
    if (row.every((cell) => cell === "---")) continue;
    if (row[0] === "kernel") head = row;
    else for (const [i, cell] of row.entries()) cells.set(`${row[0]} ${head[i]}`, cell);
  }
  return cells;
}

/**
 * The text of FEATURES.md.
 *
 * @param earlier the page as it is: says what was measured on engines that cannot run here
 * @param isNew whether columns that were never measured are begun where their engines can run
 */
export function featuresPage(
  agreement: Agreement,
  columns: readonly Column[],
  { earlier, isNew }: { readonly earlier: string; readonly isNew: boolean },
): string {
  const before = cellsOf(earlier);
  const cellBefore = (kernel: string, heading: string) => before.get(`\`${kernel}\` ${heading}`) ?? unmeasured;
  const wasMeasured = (heading: string) => recordable.some((kernel) => cellBefore(kernel, heading) !== unmeasured);
  const isShown = ({ heading, variant, mustAgree }: Column) =>
    variant !== undefined && (isNew || mustAgree || wasMeasured(heading));
  const shown = new Set(columns.filter(isShown).map(({ heading }) => heading));
  const row = (kernel: string) => [
    `\`${kernel}\``,
    gradientOf(kernel),
    ...columns.map(({ heading }) =>
      shown.has(heading) ? (agreement.cell(heading, kernel) ?? "0") : cellBefore(kernel, heading),
    ),
  ];

  const missing = kernels.filter((kernel) => !recordable.includes(kernel));
  const withGradient = recordable.filter((kernel) => differentiableKernels.includes(kernel));
  const withoutSlope = recordable.filter((kernel) => constantKernels.includes(kernel));
  const recorded = ofTfjs.filter((kernel) => recordable.includes(kernel));
  return [
    "# Features",
    "",
    "<!-- Written by packages/core/test/features.test.ts, which measures it. `UPDATE_FEATURES=1 npx vitest run packages/core/test/features.test.ts` rewrites it. -->",
    "",
    `Of the ${ofTfjs.length} kernels of tfjs-cpu 4.22, ${recorded.length} can be used inside \`jit\`. A gradient flows through`,
    `${withGradient.length} of the recordable kernels; ${withoutSlope.length} more move in steps, and their gradient is zero.`,
    "",
    "- **gradient**: whether the kernel has one, which is compared with central differences (`packages/core/src/gradients`). Fused",
    "  kernels are differentiated by the kernels that they fuse. Derivatives of derivatives are refused.",
    "- **engines**: `7 + 4` says that 7 calls of the kernel, of different shapes, types and attributes, were compiled for the engine and",
    "  gave what eager tfjs-cpu gives, and so did 4 calls with their gradients; `6 of 7`, that one of the calls did not. For `tfjs-wasm`",
    "  one call of each kernel is compiled.",
    `- \`${unmeasured}\`: not measured, because the engine cannot run where this page was written; \`describeEngines()\` says why.`,
    "- `onnx` native is the default where the processor allows it; `onnx` portable is the same engine without native kernels.",
    "- `tfjs-node` was measured on libtensorflow 2.13 (`packages/bench/peers/tfjs-node.sh`). Where it differs, it makes other integers of infinities and NaN,",
    "  finds another place for NaN in `tf.argMax`, or gives NaN for `tf.mod` by an infinity.",
    "",
    ...table(["kernel", "gradient", ...columns.map(({ heading }) => heading)], recordable.map(row)),
    "",
    "## Kernels that cannot be recorded",
    "",
    ...table(
      ["kernel", "why"],
      missing.map((kernel) => [`\`${kernel}\``, obstacleOf(kernel)]),
    ),
    "",
    "## Where programs differ from eager tfjs-cpu",
    "",
    "Each line is tested (`packages/core/test/deviations.test.ts`).",
    "",
    ...table(
      ["what", "tfjs-cpu 4.22", "a compiled program"],
      deviations.map(({ what, tfjs, here }) => [what, tfjs, here]),
    ),
    "",
    "Left open, so that engines may differ:",
    "",
    ...leftOpen.map((what) => `- ${what}`),
    "",
  ].join("\n");
}
