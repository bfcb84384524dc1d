import * as tf from "@tensorflow/tfjs-core";
import { treeEntries } from "@vitscale/core";
import type { Intermediates } from "@vitscale/vit";
import { globalNorm } from "../optimizers/clip.ts";
import type { StepRanks } from "../step.ts";
import { inspectedTensor, largest } from "./inspect.ts";

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
 *
 * @param ranks those that share the step, each with as much of every tensor: the observations are then those of the whole
 */
export function observeModel(intermediates: Intermediates, ranks?: Ranks): Observations {
  const own = Object.entries(intermediates).map(([name, tensor]) => observe(name, tensor));
  const values = ranks ? ofAllRanks(own, ranks) : own.map(({ value }) => value);
  const finish = (value: tf.Tensor, kind: Observation["kind"]) => (kind === "mean square" ? tf.sqrt(value) : value);
  return Object.fromEntries(own.map(({ name, kind }, i) => [name, finish(values[i]!, kind)]));
}

/** Ranks that share what is observed. */
type Ranks = Pick<StepRanks, "count" | "total" | "maximum" | "norms">;

/** A scalar of what this rank has, and how those of all ranks become one: the largest, or the mean. */
interface Observation {
  readonly name: string;
  readonly kind: "max" | "mean" | "mean square";
  readonly value: tf.Tensor;
}

function observe(name: string, tensor: tf.Tensor): Observation {
  const [, part = name, kind = "output"] = /^(encoder\/[^/]+)\/(.+)$/.exec(name) ?? [];
  switch (kind) {
    case "attention/logits":
      return { name: nameOf("attention-logit", part), kind: "max", value: tf.max(tf.abs(tensor)) };
    case "attention/probabilities":
      return { name: nameOf("attention-entropy", part), kind: "mean", value: meanEntropy(tensor) };
    default:
      return { name: nameOf("activation-rms", part), kind: "mean square", value: meanSquare(tensor) };
  }
}

/** Values of all ranks, in two collectives. */
function ofAllRanks(own: readonly Observation[], ranks: Ranks): tf.Tensor[] {
  const values = tf.stack(own.map(({ value }) => value));
  const means = tf.unstack(tf.div(ranks.total(values), ranks.count));
  const largest = tf.unstack(ranks.maximum(values));
  return own.map(({ kind }, i) => (kind === "max" ? largest : means)[i]!);
}

/**
 * What {@link observeModel} or `inspectModel` would have said of a batch, from what it said of its parts of equal size: the largest of
 * largest logits and of other largest values, the mean of entropies, the root of the mean square of sizes.
 */
export function joinObservations(parts: readonly Observations[]): Observations {
  const [first = {}] = parts;
  const joined = Object.keys(first).map((name) => {
    const values = tf.stack(parts.map((part) => part[name]!));
    const isLargest = name.startsWith(nameOf("attention-logit", "")) || inspectedTensor(name) !== undefined;
    if (isLargest) return [name, largest(values)] as const;
    return [
      name,
      name.startsWith(nameOf("attention-entropy", "")) ? tf.mean(values) : tf.sqrt(meanSquare(values)),
    ] as const;
  });
  return Object.fromEntries(joined);
}

/**
 * How a step moves the parameters: for every part of the model (`patch`, `encoder/block00`, …, `head`), the norm of the gradients before
 * clipping, of the update, and of the parameters before it, as `diagnostics/{gradient,update,parameter}-norm/<part>`.
 *
 * @param gradients by the trained parameters' names
 * @param ranks those of which each has a part of the parameters
 */
export function observeUpdate(
  gradients: Readonly<Record<string, tf.Tensor>>,
  before: unknown,
  after: unknown,
  ranks?: Ranks,
): Observations {
  const old = new Map(treeEntries<tf.Tensor>(before));
  const updated = new Map(treeEntries<tf.Tensor>(after));
  const observed: Record<string, Readonly<Record<string, tf.Tensor>>> = {};
  for (const [part, names] of partsOf(Object.keys(gradients))) {
    const of = (tensorOf: (name: string) => tf.Tensor) =>
      Object.fromEntries(names.map((name) => [name, tensorOf(name)] as const));
    observed[nameOf("gradient-norm", part)] = of((name) => gradients[name]!);
    observed[nameOf("update-norm", part)] = of((name) => tf.sub(updated.get(name)!, old.get(name)!));
    observed[nameOf("parameter-norm", part)] = of((name) => old.get(name)!);
  }
  if (ranks) return ranks.norms(observed);
  return Object.fromEntries(Object.entries(observed).map(([name, tensors]) => [name, globalNorm(tensors)]));
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

function meanSquare(x: tf.Tensor): tf.Tensor {
  // Row by row first: one long float32 sum loses digits.
  const squares = tf.square(x);
  return tf.mean(x.rank > 1 ? tf.mean(squares, -1) : squares);
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
