import { hostTensor } from "@vitscale/core";
import type { Features } from "@vitscale/eval";
import type { ImageSet } from "./shapes.ts";
import type { OutputsOf } from "./train-and-look.ts";

/** What the head of a model reads of images, with a label for each: its class, unless others are given. */
export async function featuresOf(
  images: ImageSet,
  outputsOf: OutputsOf,
  labels = images.labels.data,
): Promise<Features> {
  return { vectors: await outputsOf("pre_logits", images), labels, classes: images.classes };
}

/** Some rows of features, in the order given. */
export function takeRows({ vectors, labels, classes }: Features, rows: Int32Array): Features {
  const width = vectors.shape[1]!;
  const chosen = hostTensor("float32", [rows.length, width]);
  for (const [i, row] of rows.entries())
    chosen.data.set(vectors.data.subarray(row * width, (row + 1) * width), i * width);
  return { vectors: chosen, labels: Int32Array.from(rows, (row) => labels[row]!), classes };
}
