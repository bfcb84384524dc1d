import type * as tf from "@tensorflow/tfjs-core";
import { type Engine, type HostTensor, jit } from "@vitscale/core";
import { apply, type ViTConfig, type ViTParameters } from "@vitscale/vit";
import type { PixelStatistics } from "../images.ts";
import { type Batch, prepareBatch } from "../step.ts";
import type { HostBatch } from "../take-step.ts";
import { loadModel, type WeightsSource } from "./weights.ts";

/** The model that a student learns from. */
export type TeacherConfig = WeightsSource & {
  /** The teacher's model, for a file of another library; a run knows its own. */
  readonly model?: ViTConfig;
  /**
   * Epochs after which the same views come again, and the teacher's answers are taken from memory. By default every epoch has views of
   * its own, and the teacher answers anew in each.
   */
  readonly views?: number | null;
};

/** A teacher at work. */
export interface Teacher {
  /**
   * Its logits [batch, classes] for a batch, normalised and mixed as the step does it.
   *
   * @param position number of the batch in the data; batches of one position must be equal
   */
  logits(position: number, batch: HostBatch, mixup: number | undefined): Promise<HostTensor>;
  dispose(): Promise<void>;
}

/**
 * Opens a teacher for function matching (Beyer et al. 2022): "consistent" in that teacher and student see the very same pixels, after
 * crop, flip and mixing; "patient" in that there may be very many epochs, for which the answers to a fixed number of views are kept.
 *
 * @throws RangeError when the teacher has other classes, or takes other images.
 */
export async function openTeacher(
  config: TeacherConfig,
  student: ViTConfig,
  { engine, pixels }: { readonly engine: Engine; readonly pixels: PixelStatistics },
): Promise<Teacher> {
  const { config: model, params } = await loadModel(config, config.model ?? student);
  for (const field of ["classes", "imageSide", "channels"] as const) {
    if (model[field] !== student[field]) {
      throw new RangeError(
        `the teacher has ${field} ${model[field]} and the student ${student[field]}; they see the same images and answer for the same classes`,
      );
    }
  }
  const answer = jit(
    (weights: ViTParameters<tf.Tensor>, batch: Batch, inputs: { readonly mixup?: tf.Tensor }) => {
      const { images } = prepareBatch(batch, inputs.mixup, { pixels, classes: model.classes });
      return apply(weights, images, model, { keep: () => false }).logits;
    },
    { engine, name: "teacher" },
  );
  const known = new Map<number, HostTensor>();
  const isRepeated = typeof config.views === "number";

  return {
    async logits(position, batch, mixup) {
      const kept = known.get(position);
      if (kept !== undefined) return kept;
      const result = await answer(params, batch, mixup === undefined ? {} : { mixup });
      const logits = await result.host();
      result.dispose();
      if (isRepeated) known.set(position, logits);
      return logits;
    },
    dispose: answer.dispose,
  };
}
