import type * as tf from "@tensorflow/tfjs-core";
import { defaultEngine, type Engine, type HostTensor, hostTensor, jit } from "@vitscale/core";
import { type Loader, openLoader } from "@vitscale/data";
import { apply, type ViTConfig, type ViTParameters } from "@vitscale/vit";
import type { DataConfig } from "../config/train-config.ts";
import { normalizeImages, type PixelStatistics, unitRange } from "../images.ts";
import type { LoadedModel } from "./weights.ts";

/** Features of a data set, in its own order. */
export interface Features {
  /** float32 [images, …], a row for each image. */
  readonly features: HostTensor<"float32">;
  /** int32 [images] */
  readonly labels: HostTensor<"int32">;
}

/** Options of {@link extractFeatures}. */
export interface FeatureOptions {
  /** Name of the intermediate that `apply` notes; `pre_logits`, what the classifier reads, by default. */
  readonly feature?: string;
  readonly batchSize?: number;
  readonly pixels?: PixelStatistics;
  /** Threads that decode; see the loader. */
  readonly workers?: number;
  readonly engine?: Engine;
}

/**
 * What a trained model makes of every image of a data set.
 *
 * @throws RangeError when the model has no intermediate of that name, or takes other images.
 */
export async function extractFeatures(
  { config, params }: LoadedModel,
  data: DataConfig,
  {
    feature = "pre_logits",
    batchSize = 64,
    pixels = unitRange,
    workers,
    engine = defaultEngine(),
  }: FeatureOptions = {},
): Promise<Features> {
  const compute = jit(featureOf(config, feature, pixels), { engine, name: "features" });
  const loader = await openLoader(
    { ...data, batchSize, shuffle: false, epochs: 1, last: "pad" },
    workers === undefined ? {} : { workers },
  );
  try {
    const rows: Float32Array[] = [];
    const labels: number[] = [];
    let shape: readonly number[] = [];
    for (let batch = await loader.next(); batch !== undefined; batch = await loader.next()) {
      const result = await compute(params, batch.image);
      const { data: values, shape: ofBatch } = await result.host();
      result.dispose();
      shape = ofBatch.slice(1);
      const isReal = Array.from(batch.mask.data, Boolean);
      const size = values.length / isReal.length;
      for (const [row, real] of isReal.entries()) {
        if (!real) continue;
        rows.push((values as Float32Array).slice(row * size, (row + 1) * size));
        labels.push(labelOf(batch.label, row));
      }
    }
    return {
      features: hostTensor("float32", [rows.length, ...shape], concatenated(rows)),
      labels: hostTensor("int32", [labels.length], Int32Array.from(labels)),
    };
  } finally {
    await Promise.all([loader.close(), compute.dispose()]);
  }
}

function featureOf(config: ViTConfig, feature: string, pixels: PixelStatistics) {
  return (params: ViTParameters<tf.Tensor>, images: tf.Tensor): tf.Tensor => {
    const { intermediates } = apply(params, normalizeImages(images, pixels), config);
    const found = intermediates[feature];
    if (found !== undefined) return found;
    throw new RangeError(`the model has no intermediate "${feature}"; it has ${Object.keys(intermediates).join(", ")}`);
  };
}

type Label = NonNullable<Awaited<ReturnType<Loader["next"]>>>["label"];

/** The class of a row; of weights, the heaviest. */
function labelOf({ shape, data }: Label, row: number): number {
  if (shape.length === 1) return data[row] as number;
  const classes = shape[1] as number;
  const weights = Array.from(data.subarray(row * classes, (row + 1) * classes));
  return weights.indexOf(Math.max(...weights));
}

function concatenated(rows: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let place = 0;
  for (const row of rows) {
    all.set(row, place);
    place += row.length;
  }
  return all;
}
