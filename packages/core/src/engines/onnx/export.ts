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

/**
 * A traced function as the bytes of an ONNX file that a stock ONNX Runtime runs: operators of the standard and of
 * `com.microsoft` only. Inputs are named by the paths of the arguments (`0/params/kernel`), outputs by those of the results;
 * a single result is `output`.
 *
 * @throws RangeError when the constants exceed 2 GB.
 */
export function exportOnnx({ name, graph, outputPaths }: TracedProgram): Uint8Array {
  const expanded = expandRandomBits(graph);
  const inputs = expanded.inputs.map((input) => input.attributes.name);
  const outputs = outputPaths.map((path) => path || "output");
  return encodeModel(lowerGraph(expanded, name, inputs, outputs));
}

/** Writes {@link exportOnnx} to a file. */
export async function saveOnnx(path: string, program: TracedProgram): Promise<void> {
  await writeFile(path, exportOnnx(program));
}
