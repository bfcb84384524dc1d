import type * as tf from "@tensorflow/tfjs-core";
import { apply, type ViTParameters } from "@vitscale/vit";
import { buildLoss } from "../config/build.ts";
import type { ResolvedConfig } from "../config/train-config.ts";
import { inspectModel, inspectUpdate } from "../diagnostics/inspect.ts";
import { isObserved, observeModel } from "../diagnostics/observe.ts";
import type { Share } from "../mesh/share.ts";
import type { Optimizer } from "../optimizers/optimizer.ts";
import type { StepParts } from "../step.ts";

type Params = ViTParameters<tf.Tensor>;

/** What a configuration makes a step of: model, loss and optimizer as functions of tensors. */
export function stepParts(
  { model, loss, pixels, clipNorm }: ResolvedConfig,
  optimizer: Optimizer,
  { partition, ranks }: Share,
): StepParts<Params> {
  const layout = partition && { partition };
  return {
    // Evaluation passes no key, and then nothing is dropped.
    predict: (params, images, key) =>
      apply(params, images, model, { keep: () => false, ...layout, ...(key && { train: true, key }) }).logits,
    observe(params, images, key) {
      const { logits, intermediates } = apply(params, images, model, {
        keep: isObserved,
        ...layout,
        ...(key && { train: true, key }),
      });
      return { logits, observations: observeModel(intermediates, ranks) };
    },
    loss: buildLoss(loss),
    optimizer,
    pixels,
    classes: model.classes,
    clipNorm: clipNorm ?? Infinity,
    ...(ranks && { ranks }),
  };
}

/** What a step that has gone wrong is watched by in place of what {@link stepParts} watches: every tensor by itself. */
export function inspection(
  { model }: ResolvedConfig,
  { partition, ranks }: Share,
): Required<Pick<StepParts<Params>, "observe" | "observeUpdate">> {
  const layout = partition && { partition };
  return {
    observe(params, images, key) {
      const { logits, intermediates } = apply(params, images, model, {
        ...layout,
        ...(key && { train: true, key }),
      });
      return { logits, observations: inspectModel(images, intermediates, ranks) };
    },
    observeUpdate: inspectUpdate,
  };
}
