import * as tf from "@tensorflow/tfjs-core";
import { type DeviceTensor, type Engine, type HostTensor, jit, type MapLeaves } from "@vitscale/core";
import { meanEntropy, normalizeImages, unitRange } from "@vitscale/train";
import { apply, blockName, type ViTConfig, type ViTParameters } from "@vitscale/vit";

/** The state of every block's attention on some images, first block first. A number that is not finite is null, as in JSON. */
export interface AttentionHealth {
  /** Largest |query · key / √headWidth|. */
  readonly maxLogit: readonly (number | null)[];
  /** Mean entropy of a query's attention in nats: ln(tokens) is even attention, 0 is attention to one token. */
  readonly entropy: readonly (number | null)[];
  /** √headWidth · max|query scale| · max|key scale|, which no logit can exceed with RMS QK norm; null without. */
  readonly bound: readonly (number | null)[];
}

/** Measures {@link AttentionHealth} of a model, or more; one compiled program for all parameters. */
export interface HealthProbe<Seen extends AttentionHealth = AttentionHealth> {
  measure(
    params: MapLeaves<ViTParameters<tf.Tensor>, tf.Tensor, DeviceTensor>,
    images: HostTensor<"uint8">,
  ): Promise<Seen>;
  /** What was seen as a row of a run record: `attention-entropy/block00`, … */
  metrics(seen: Seen): Record<string, number>;
  dispose(): Promise<void>;
}

/** Measures of parameters and images [batch, side, side, 3] as tensors [depth]. */
export type Measures<Name extends string> = (
  params: ViTParameters<tf.Tensor>,
  images: tf.Tensor,
) => Readonly<Record<Name, tf.Tensor>>;

/** Names in run records of what {@link attentionHealth} measures. */
export const healthMetrics = { maxLogit: "attention-logit-max", entropy: "attention-entropy" } as const;

/** A probe of a model's attention. It is apart from the training step, so watching a run does not slow its other steps. */
export function healthProbe(config: ViTConfig, engine: Engine): HealthProbe {
  return probeOf<AttentionHealth>(attentionHealth(config), healthMetrics, engine);
}

/** A probe of any measures. @param names those that go into run records, and what they are called there */
export function probeOf<Seen extends AttentionHealth>(
  measures: Measures<keyof Seen & string>,
  names: Readonly<Partial<Record<keyof Seen & string, string>>>,
  engine: Engine,
): HealthProbe<Seen> {
  const probe = jit(measures as Measures<string>, { engine, name: "attention-health" });
  return {
    async measure(params, images) {
      const seen: Record<string, (number | null)[]> = {};
      for (const [name, tensor] of Object.entries(await probe(params, images))) {
        seen[name] = await numbers(tensor);
      }
      return seen as unknown as Seen;
    },
    metrics(seen) {
      const rows = Object.entries<string | undefined>(names).flatMap(([key, name]) =>
        (seen[key as keyof Seen] as readonly (number | null)[]).map(
          (value, index) => [`${name}/${blockName(index)}`, value ?? Number.NaN] as const,
        ),
      );
      return Object.fromEntries(rows);
    },
    dispose: probe.dispose,
  };
}

/** {@link AttentionHealth} as tensors. */
export function attentionHealth(config: ViTConfig): Measures<keyof AttentionHealth> {
  const blocks = Array.from({ length: config.depth }, (_, index) => blockName(index));
  return (params, images) => {
    const { intermediates } = apply(params, normalizeImages(images, unitRange), config, {
      keep: (name) => /^encoder\/.*\/attention\/(logits|probabilities)$/.test(name),
    });
    const of = (block: string, name: string) => intermediates[`encoder/${block}/attention/${name}`]!;
    return {
      maxLogit: tf.stack(blocks.map((block) => tf.max(tf.abs(of(block, "logits"))))),
      entropy: tf.stack(blocks.map((block) => meanEntropy(of(block, "probabilities")))),
      bound: tf.stack(blocks.map((block) => logitBound(params.encoder[block]!.attention, config))),
    };
  };
}

function logitBound(
  attention: ViTParameters<tf.Tensor>["encoder"][string]["attention"],
  { qkNorm, width, heads }: ViTConfig,
): tf.Tensor {
  const [query, key] = [attention?.query_norm?.scale, attention?.key_norm?.scale];
  // A layer norm has the same bound without its bias; with a bias there is none.
  if (qkNorm === "none" || query === undefined || key === undefined) return tf.scalar(Number.POSITIVE_INFINITY);
  return tf.mul(Math.sqrt(width / heads), tf.mul(tf.max(tf.abs(query)), tf.max(tf.abs(key))));
}

async function numbers(tensor: DeviceTensor): Promise<(number | null)[]> {
  const values = Array.from(await tensor.read(), (value) => (Number.isFinite(value) ? value : null));
  tensor.dispose();
  return values;
}
