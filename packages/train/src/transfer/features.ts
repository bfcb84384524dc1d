import { defaultEngine, type Engine, type HostTensor, hostTensor } from "@vitscale/core";
import { type Loader, openLoader } from "@vitscale/data";
import type { FeatureOptions as ModelFeatures } from "@vitscale/eval";
import type { DataConfig } from "../config/train-config.ts";
import { type PixelStatistics, unitRange } from "../images.ts";
import { compileScorer } from "../score-images.ts";
import type { LoadedModel } from "./weights.ts";

/** Features of a data set, in its own order. */
export interface Features {
  /** float32 [images, width] */
  readonly features: HostTensor<"float32">;
  /** int32 [images] class numbers; [images, classes] of 0 and 1 where an image may have several */
  readonly labels: HostTensor<"int32">;
}

/** Options of {@link extractFeatures}. */
export interface FeatureOptions extends ModelFeatures {
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
  { batchSize = 64, pixels = unitRange, workers, engine = defaultEngine(), ...features }: FeatureOptions = {},
): Promise<Features> {
  const scorer = compileScorer(config, pixels, engine, { features });
  const loader = await openLoader(
    { ...data, batchSize, shuffle: false, epochs: 1, last: "pad" },
    workers === undefined ? {} : { workers },
  );
  try {
    const { classes, labelSets } = loader.source;
    const rows: Float32Array[] = [];
    const labels: number[] = [];
    let width = 0;
    for (let batch = await loader.next(); batch !== undefined; batch = await loader.next()) {
      const { data: values, shape } = await scorer.score(params, batch.image);
      width = shape[1] as number;
      for (const [row, isReal] of batch.mask.data.entries()) {
        if (!isReal) continue;
        rows.push(values.slice(row * width, (row + 1) * width));
        labels.push(...(labelSets ? rowOf(batch.label, row) : [labelOf(batch.label, row)]));
      }
    }
    return {
      features: hostTensor("float32", [rows.length, width], concatenated(rows)),
      labels: hostTensor("int32", labelSets ? [rows.length, classes.length] : [rows.length], Int32Array.from(labels)),
    };
  } finally {
    await Promise.all([loader.close(), scorer.dispose()]);
  }
}

type Label = NonNullable<Awaited<ReturnType<Loader["next"]>>>["label"];

/** The class of a row; of weights, the heaviest. */
function labelOf(label: Label, row: number): number {
  if (label.shape.length === 1) return label.data[row] as number;
  const weights = rowOf(label, row);
  return weights.indexOf(Math.max(...weights));
}

function rowOf({ shape, data }: Label, row: number): number[] {
  const classes = shape[1] as number;
  return Array.from(data.subarray(row * classes, (row + 1) * classes));
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
