import { type HostTensor, hostTensor } from "@vitscale/core";
import { type Batch, fold, foldName, keyOf } from "@vitscale/data";
import { averagingShare } from "../averaging.ts";
import type { ResolvedConfig } from "../config/train-config.ts";
import type { Share } from "../mesh/share.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import { scheduleFactor } from "../schedules.ts";
import type { HostInputs } from "../take-step.ts";
import type { Teacher } from "../transfer/teacher.ts";
import { batchesOfViews } from "../transfer/views.ts";

/** The learning rate of a step, by the number of steps before it. */
export function learningRateAt(
  { learningRate, schedule, steps }: Pick<ResolvedConfig, "learningRate" | "schedule" | "steps">,
  step: number,
): number {
  return learningRate * scheduleFactor(schedule, steps, step);
}

/** What inputs of steps follow from. */
export interface InputParts {
  readonly config: ResolvedConfig;
  readonly optimizer: Optimizer;
  readonly teacher: Teacher | null;
  readonly rows: Share["rows"];
  /** Batches that were passed over. */
  readonly skipped: number;
  readonly stepsPerEpoch: number;
}

/** Gives the inputs of a step. */
export type StepInputsAt = ReturnType<typeof stepInputs>;

/**
 * What the batch of a step is trained with, beside the state: a function of configuration, step and batch, so that a step can be done
 * again.
 */
export function stepInputs({ config, optimizer, teacher, rows, skipped, stepsPerEpoch }: InputParts) {
  const { model, seed, averaging } = config;
  const views = config.teacher?.views ?? null;
  const isNoisy = model.dropout > 0 || model.stochasticDepth > 0;
  const placeOf = (position: number) => (views === null ? position : position % batchesOfViews(views, stepsPerEpoch));

  return async function inputsAt(step: number, { image: images, label: labels, mix }: Batch): Promise<HostInputs> {
    const position = step + skipped;
    return {
      learningRate: learningRateAt(config, step),
      ...optimizer.scalars(step),
      ...(mix && { mixup: mix.coefficient }),
      ...(averaging && { averagingShare: averagingShare(averaging, step) }),
      ...(isNoisy && { key: stepKey(seed, position, rows) }),
      ...(teacher && { teacherLogits: await teacher.logits(placeOf(position), { images, labels }, mix?.coefficient) }),
    };
  };
}

/** The random key of a step: a function of seed and step, so that a resumed run goes on with the same noise. Each part has its own. */
function stepKey(seed: number, step: number, { index, count }: Share["rows"]): HostTensor<"int32"> {
  const key = fold(foldName(keyOf(seed), "noise"), step);
  return hostTensor("int32", [2], Int32Array.from(count === 1 ? key : fold(key, index)));
}
