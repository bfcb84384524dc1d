import * as tf from "@tensorflow/tfjs-core";
import { treeEntries } from "@vitscale/core";
import type { Intermediates } from "@vitscale/vit";
import type { StepRanks } from "../step.ts";
import type { Observations } from "./observe.ts";

/** What a tensor of a step is: `gradient of head/kernel`. In the order of computation. */
export type TensorKind = "parameter" | "activation" | "gradient" | "update";

/** Of a rank that shares a step. */
type Ranks = Pick<StepRanks, "maximum">;

/**
 * The largest absolute value of every tensor that a model noted on its way, beginning with the images that it was given, as
 * `activation of NAME`: NaN where one of its values is, so that each tells exactly whether its tensor is finite. It is what a step is
 * looked through by once it has gone wrong; `observeModel` is what is watched while all is well.
 *
 * @param images as the model reads them
 * @param ranks those that share the step; the values are then those of the whole
 */
export function inspectModel(images: tf.Tensor, intermediates: Intermediates, ranks?: Ranks): Observations {
  return largestOf({ activation: { images, ...intermediates } }, ranks);
}

/** The same of every trained parameter before an update, of its gradient before clipping, and of its update. */
export function inspectUpdate(
  gradients: Readonly<Record<string, tf.Tensor>>,
  before: unknown,
  after: unknown,
  ranks?: Ranks,
): Observations {
  const updated = new Map(treeEntries<tf.Tensor>(after));
  const trained = treeEntries<tf.Tensor>(before).filter(([name]) => gradients[name] !== undefined);
  const updates = trained.map(([name, old]) => [name, tf.sub(updated.get(name)!, old)] as const);
  return largestOf(
    { parameter: Object.fromEntries(trained), gradient: gradients, update: Object.fromEntries(updates) },
    ranks,
  );
}

/** Kind and name of a tensor, from what {@link inspectModel} and {@link inspectUpdate} call it; undefined for other names. */
export function inspectedTensor(observation: string): { readonly kind: TensorKind; readonly name: string } | undefined {
  const [, kind, name] = /^(parameter|activation|gradient|update) of (.+)$/.exec(observation) ?? [];
  return kind === undefined || name === undefined ? undefined : { kind: kind as TensorKind, name };
}

/** The largest absolute value of a tensor; NaN where there is one, which engines' own reductions may pass over. */
export function largest(x: tf.Tensor): tf.Tensor {
  return tf.where(tf.any(tf.isNaN(x)), tf.scalar(Number.NaN), tf.max(tf.abs(x)));
}

function largestOf(
  tensors: Partial<Readonly<Record<TensorKind, Readonly<Record<string, tf.Tensor>>>>>,
  ranks: Ranks | undefined,
): Observations {
  const named = Object.entries(tensors).flatMap(([kind, ofKind]) =>
    Object.entries(ofKind).map(([name, tensor]) => [`${kind} of ${name}`, largest(tensor)] as const),
  );
  if (!ranks) return Object.fromEntries(named);
  // One collective for all.
  const values = tf.unstack(ranks.maximum(tf.stack(named.map(([, value]) => value))));
  return Object.fromEntries(named.map(([name], i) => [name, values[i]!]));
}
