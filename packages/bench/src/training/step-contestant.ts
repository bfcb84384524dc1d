import type { CompileReport, Engine } from "@vitscale/core";
import type { ViTConfig } from "@vitscale/vit";
import type { Contestant } from "../measure/interleave.ts";
import { taskBatch, timed } from "../peers/implementation.ts";
import { vitProgram } from "./vit-program.ts";

/** A jitted training step to be timed, with what its compilation cost. */
export interface StepContestant extends Contestant {
  readonly compiled: CompileReport | undefined;
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
  return { name, compiled, sample: () => timed(step), dispose: program.dispose };
}
