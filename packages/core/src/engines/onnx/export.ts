import { writeFile } from "node:fs/promises";
import type { Graph } from "../../graph/graph.ts";
import { expandRandomBits } from "./expand-random-bits.ts";
import { lowerGraph } from "./lowering/index.ts";
import { encodeModel } from "./model.ts";

/** What `trace` of a jitted function gives: its graph, and the paths of its results. */
export interface TracedProgram {
  readonly name: string;
  readonly graph: Graph;
  readonly outputPaths: readonly string[];
}

/** What the lowering calls values of its own. */
const reserved = /^[vc]\d+(_\d+)?$/;

/** Names that differ: one that is taken, or that the lowering gives to values of its own, gets a prefix. Adds to `taken`. */
function distinct(names: readonly string[], prefix: string, taken: Set<string>): string[] {
  return names.map((given) => {
    let name = given;
    while (taken.has(name) || reserved.test(name)) name = `${prefix}/${name}`;
    taken.add(name);
    return name;
  });
}

function checkProgram(program: TracedProgram): void {
  // A jitted function has a `graph` too, a function that records it.
  if (!Array.isArray(program?.graph?.nodes)) {
    throw new TypeError(
      "exportOnnx takes what trace gives, which has a graph: exportOnnx(f.trace(...arguments)), f = jit(...)",
    );
  }
  const { name, graph, outputPaths } = program;
  const inputs = graph.inputs.map(({ dtype, attributes }) => ({ dtype, what: `argument "${attributes.name}"` }));
  const outputs = graph.outputs.map(({ dtype }, i) => ({ dtype, what: `result "${outputPaths[i] || "output"}"` }));
  const half = [...inputs, ...outputs].find(({ dtype }) => dtype === "bfloat16");
  if (half) {
    throw new TypeError(
      `the ${half.what} of program "${name}" is bfloat16, which a stock onnxruntime-node neither takes nor gives; export a function ` +
        "that takes float32, or returns it without toBfloat16",
    );
  }
}

/**
 * A traced function as the bytes of an ONNX file that a stock ONNX Runtime runs: operators of the standard and of
 * `com.microsoft` only. Inputs are named by the paths of the arguments (`0/params/kernel`), outputs by those of the
 * results; a single result is `output`, and a path that an argument has too becomes `output/PATH`. Of two arguments whose
 * paths read the same (`{ "x/y": …, x: { y: … } }`) the second becomes `input/PATH`.
 *
 * @throws RangeError when the constants exceed 2 GB; TypeError for an argument or a result in bfloat16, or for what is no trace.
 */
export function exportOnnx(program: TracedProgram): Uint8Array {
  checkProgram(program);
  const { name, graph, outputPaths } = program;
  const expanded = expandRandomBits(graph);
  const taken = new Set<string>();
  const paths = expanded.inputs.map((input) => input.attributes.name);
  const inputs = distinct(paths, "input", taken);
  const results = outputPaths.map((path) => path || "output");
  return encodeModel(lowerGraph(expanded, name, inputs, distinct(results, "output", taken)));
}

/** Writes {@link exportOnnx} to a file. */
export async function saveOnnx(path: string, program: TracedProgram): Promise<void> {
  await writeFile(path, exportOnnx(program));
}
