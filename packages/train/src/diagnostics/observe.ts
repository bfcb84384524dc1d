import * as tf from "@tensorflow/tfjs-core";
import { treeEntries } from "@vitscale/core";
import type { Intermediates } from "@vitscale/vit";
import { globalNorm } from "../optimizers/clip.ts";

/** Float32 scalars by name, `diagnostics/<what>/<part of the model>`. */
export type Observations = Readonly<Record<string, tf.Tensor>>;

/** Which intermediates of a model {@link observeModel} reads. */
export function isObserved(name: string): boolean {
  return /^(tokens|encoder\/[^/]+\/(output|attention\/(logits|probabilities))|encoded|pre_logits|logits)$/.test(name);
}

/**
 * What happens inside a model, in the order of the forward pass:
 *
 * - `diagnostics/activation-rms/<tensor>` root of the mean square of `tokens`, each block's output, `encoded`, `pre_logits`, `logits`
 * - `diagnostics/attention-logit/<block>` largest |query · key / √headWidth|: it passes 10⁴ where training without QK norm diverges
 * - `diagnostics/attention-entropy/<block>` mean entropy of a query's attention in nats: ln(tokens) is even attention, 0 is collapse
 *
 * (Dehghani et al. 2023, appendix B; Zhai et al. 2023 for the entropy; Wortsman et al. 2023 for both.) Gradients do not flow.
 */
export function observeModel(intermediates: Intermediates): Observations {
  const observed: Record<string, tf.Tensor> = {};
  for (const [name, tensor] of Object.entries(intermediates)) {
    const [, part = name, kind = "output"] = /^(encoder\/[^/]+)\/(.+)$/.exec(name) ?? [];
    if (kind === "attention/logits") observed[nameOf("attention-logit", part)] = tf.max(tf.abs(tensor));
    else if (kind === "attention/probabilities") observed[nameOf("attention-entropy", part)] = meanEntropy(tensor);
    else observed[nameOf("activation-rms", part)] = rms(tensor);
  }
  return observed;
}

/**
 * What {@link observeModel} would have said of a batch, from what it said of its parts of equal size: the largest of largest logits, the
 * mean of entropies, the root of the mean square of sizes.
 */
export function joinObservations(parts: readonly Observations[]): Observations {
  const [first = {}] = parts;
  const joined = Object.keys(first).map((name) => {
    const values = tf.stack(parts.map((part) => part[name]!));
    if (name.startsWith(nameOf("attention-logit", ""))) return [name, tf.max(values)] as const;
    return [name, name.startsWith(nameOf("attention-entropy", "")) ? tf.mean(values) : rms(values)] as const;
  });
  return Object.fromEntries(joined);
}

/**
 * How a step moves the parameters: for every part of the model (`patch`, `encoder/block00`, …, `head`), the norm of the gradients before
 * clipping, of the update, and of the parameters before it, as `diagnostics/{gradient,update,parameter}-norm/<part>`.
 *
 * @param gradients by the trained parameters' names
 */
export function observeUpdate(
  gradients: Readonly<Record<string, tf.Tensor>>,
  before: unknown,
  after: unknown,
): Observations {
  const old = new Map(treeEntries<tf.Tensor>(before));
  const observed: Record<string, tf.Tensor> = {};
  const updated = new Map(treeEntries<tf.Tensor>(after));
  for (const [part, names] of partsOf(Object.keys(gradients))) {
    const updates = names.map((name) => tf.sub(updated.get(name)!, old.get(name)!));
    observed[nameOf("gradient-norm", part)] = globalNorm(names.map((name) => gradients[name]!));
    observed[nameOf("update-norm", part)] = globalNorm(updates);
    observed[nameOf("parameter-norm", part)] = globalNorm(names.map((name) => old.get(name)!));
  }
  return observed;
}

/** Names of parameters by the part of the model that they belong to: `encoder/block03`, or the first word. */
export function partsOf(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const parts = new Map<string, string[]>();
  for (const name of names) {
    const part = /^encoder\/[^/]+/.exec(name)?.[0] ?? (name.split("/", 1)[0] as string);
    parts.set(part, [...(parts.get(part) ?? []), name]);
  }
  return parts;
}

function rms(x: tf.Tensor): tf.Tensor {
  // Row by row first: one long float32 sum loses digits.
  const squares = tf.square(x);
  return tf.sqrt(tf.mean(x.rank > 1 ? tf.mean(squares, -1) : squares));
}

/** Mean over queries of −Σ p ln p in nats, for probabilities [..., keys]. A probability of 0 adds 0. */
export function meanEntropy(probabilities: tf.Tensor): tf.Tensor {
  const terms = tf.mul(probabilities, tf.log(tf.maximum(probabilities, 1e-30)));
  return tf.neg(tf.mean(tf.sum(terms, -1)));
}

/** Names of metrics have no underscores. */
function nameOf(what: string, part: string): string {
  return `diagnostics/${what}/${part.replaceAll("_", "-")}`;
}
