import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, describe, it } from "vitest";
import type { Graph } from "../src/graph/graph.ts";
import { printGraph } from "../src/graph/print.ts";
import { interpretGraph } from "../src/graph/testing/interpret.ts";
import { randomInputs } from "../src/graph/testing/random-data.ts";
import { graphFromTapes } from "../src/graph/testing/random-graph.ts";
import type { HostTensor } from "../src/host-tensor.ts";
import { difference } from "./support/compare.ts";
import { as, type Variant, variants } from "./support/engines.ts";

const numbered = (tensors: readonly HostTensor[]) => new Map(tensors.map((tensor, i) => [`output ${i}`, tensor]));

/** Runs a graph as it is, without the passes of jit. */
async function run(graph: Graph, inputs: readonly HostTensor[], { engine }: Variant): Promise<HostTensor[]> {
  const executable = await engine.compile(graph, { name: "random", donations: [] });
  const uploads = inputs.map((input) => engine.upload(input));
  try {
    const outputs = await executable.run(uploads);
    const hosts = await Promise.all(outputs.map((output) => output.host()));
    for (const output of outputs) output.dispose();
    return hosts;
  } finally {
    for (const upload of uploads) upload.dispose();
    await executable.dispose();
  }
}

// VITSCALE_RUNS asks for more graphs, VITSCALE_SEED for others.
const options = { numRuns: Number(process.env.VITSCALE_RUNS ?? 100), seed: Number(process.env.VITSCALE_SEED ?? 1) };

const tapes = fc.array(fc.array(fc.nat({ max: 2 ** 16 }), { minLength: 4, maxLength: 12 }), {
  minLength: 3,
  maxLength: 14,
});

beforeAll(() => tf.setBackend("cpu"));

describe.each(variants)("random graphs on $name", (variant) => {
  it("have the values that their operations are defined to have", { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(tapes, async (decisions) => {
        const graph = graphFromTapes(decisions);
        const inputs = randomInputs(graph, decisions.length);
        const found = difference(
          numbered(await as(variant, () => run(graph, inputs, variant))),
          numbered(interpretGraph(graph, inputs)),
          { relative: 1e-4 },
        );
        if (found !== undefined) throw new Error(`${found}\n${printGraph(graph)}`);
      }),
      options,
    );
  });
});
