import type { CompileReport, Engine } from "@vitscale/core";
import type { ViTConfig } from "@vitscale/vit";
import type { Contestant } from "../measure/interleave.ts";
import { taskBatch, timed } from "../peers/implementation.ts";
import { vitProgram } from "./vit-program.ts";

/** How many operations a simplified graph has, and how many of them are matrix products. */
export interface GraphSize {
  readonly operations: number;
  readonly products: number;
}

/** A jitted training step to be timed. */
export interface StepContestant extends Contestant {
  readonly size: GraphSize;
  dispose(): Promise<void>;
}

/** A training step of a model in this process, compiled and run once. A sample is one step, from host images to the loss read back. */
export async function stepContestant(
  name: string,
  model: ViTConfig,
  { batch, engine }: { readonly batch: number; readonly engine: Engine },
): Promise<StepContestant> {
  let compiled: CompileReport | undefined;
  const program = vitProgram(model, { engine, onCompile: (report) => (compiled = report) });
  const images = taskBatch({ model, batch });
  let state = await program.begin(0);
  let count = 0;
  const step = async () => {
    const result = await program.step(state, images, { learningRate: 1e-3, count: count++ });
    state = result.state;
  };
  await step();
  return { name, size: graphSize(compiled), sample: () => timed(step), dispose: program.dispose };
}

function graphSize(report: CompileReport | undefined): GraphSize {
  const nodes = report?.graph.nodes ?? [];
  return { operations: nodes.length, products: nodes.filter(({ operation }) => operation === "matmul").length };
}
