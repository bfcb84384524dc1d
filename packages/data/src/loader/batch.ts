import type { HostTensor } from "@vitscale/core";
import { labelsOf } from "../label-sets.ts";
import { drawMix, mixLabels, partnerOf } from "./mix.ts";
import { type Job, mixKey, type WorkPlan } from "./plan.ts";

/** Images with their labels, ready for a training step or an evaluation. */
export interface Batch {
  /** `[rows, height, width, channels]`: bytes, or floats where preprocessing makes them. */
  readonly image: HostTensor<"uint8" | "float32">;
  /** `[rows]` class numbers as int32, or `[rows, classes]` float32, 1 for each class of the image, mixed or not. Padding: 0, or zeros. */
  readonly label: HostTensor<"int32" | "float32">;
  /** `[rows]` numbers of the samples in the data set, -1 for padding. */
  readonly index: HostTensor<"int32">;
  /** `[rows]` 1 for a sample, 0 for padding. */
  readonly mask: HostTensor<"float32">;
  /** Where the training step mixes: x becomes coefficient x + (1 - coefficient) x[partner], labels likewise. */
  readonly mix?: { readonly coefficient: number; readonly partner: HostTensor<"int32"> };
  /** Number of the batch in the run. To continue after it, open the loader with `start: { step: step + 1 }`. */
  readonly step: number;
  readonly epoch: number;
  /** Number of the batch in its epoch. */
  readonly batch: number;
  /** Time that the consumer waited for this batch, in milliseconds. */
  readonly waitMs: number;
}

/** The batch of a finished job, but for the times and places that the loader knows. */
export function assembleBatch(
  { settings, catalog, format }: WorkPlan,
  { step, indices }: Job,
  data: Uint8Array | Float32Array,
): Omit<Batch, "epoch" | "batch" | "waitMs"> {
  const rows = indices.length;
  const { height, width, channels, dtype } = format;
  const drawn = drawMix(settings.mixes, mixKey(settings, step), height, width);
  const image = { dtype, shape: [rows, height, width, channels], data } as Batch["image"];
  const partner = Int32Array.from({ length: rows }, (_, row) => partnerOf(row, rows));
  let label: Batch["label"];
  if (settings.labels === "class" && catalog.labelSets === undefined) {
    const numbers = Int32Array.from(indices, (index) => (index < 0 ? 0 : catalog.labels[index]!));
    label = { dtype: "int32", shape: [rows], data: numbers };
  } else {
    const classes = catalog.classes.length;
    const weights = new Float32Array(rows * classes);
    for (const [row, index] of indices.entries()) {
      if (index >= 0) for (const number of labelsOf(catalog, index)) weights[row * classes + number] = 1;
    }
    if (drawn?.apply === "host") mixLabels(weights, rows, drawn);
    label = { dtype: "float32", shape: [rows, classes], data: weights };
  }
  return {
    image,
    label,
    index: { dtype: "int32", shape: [rows], data: Int32Array.from(indices) },
    mask: { dtype: "float32", shape: [rows], data: Float32Array.from(indices, (index) => (index < 0 ? 0 : 1)) },
    ...(drawn?.apply === "graph"
      ? { mix: { coefficient: drawn.coefficient, partner: { dtype: "int32", shape: [rows], data: partner } } }
      : {}),
    step,
  };
}
