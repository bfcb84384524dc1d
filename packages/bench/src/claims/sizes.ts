import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type ViTConfig, vit22b } from "@vitscale/vit";
import type { Bench } from "../claim.ts";
import type { Task } from "../peers/protocol.ts";
import { writeWeights } from "../peers/weights.ts";

/** A training step or a forward pass that peers are measured at. */
export interface Workload {
  readonly name: string;
  readonly model: ViTConfig;
  readonly batch: number;
}

/** What the project's aims are stated for. */
export const vitS16: Workload = { name: "ViT-S/16, batch 8", model: vit22b("S/16", { pooling: "gap" }), batch: 8 };

/** For peers that need seconds for a step of ViT-S/16. */
export const vitTi16: Workload = { name: "ViT-Ti/16, batch 2", model: vit22b("Ti/16", { pooling: "gap" }), batch: 2 };

/** For peers that need seconds for a step of ViT-Ti/16: two blocks, images of 64 pixels. */
export const tiny: Workload = {
  name: "two blocks of ViT-Ti/16, 64 pixels, batch 2",
  model: vit22b("Ti/16", { pooling: "gap", depth: 2, imageSide: 64 }),
  batch: 2,
};

/** Threads that every peer gets, where it can have more than one: `VITSCALE_THREADS`, else one a core. */
export function threadCount(): number {
  const given = Number(process.env.VITSCALE_THREADS);
  return Number.isInteger(given) && given > 0 ? given : availableParallelism();
}

/** The training step of a workload as a task for peers. Weights are written to a file for those that cannot draw them. */
export function trainStepTask(
  { model, batch }: Workload,
  bench: Pick<Bench, "scratch">,
): Extract<Task, { kind: "train-step" }> {
  const weights = writeWeights(join(bench.scratch, `${model.width}x${model.depth}.f32`), model);
  return { kind: "train-step", model, batch, threads: threadCount(), learningRate: 1e-3, weightDecay: 0.1, weights };
}
