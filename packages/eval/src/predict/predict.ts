import type { HostTensor } from "@vitscale/core";
import type { Batch, Loader, Source } from "@vitscale/data";
import { type Column, numberColumn, textColumn, vectorColumn } from "../table/column.ts";
import { type Table, table } from "../table/table.ts";

/** What a model says of images: [rows, height, width, channels] to scores [rows, classes], logits or probabilities. */
export type ScoreImages = (images: Batch["image"]) => Promise<HostTensor<"float32">>;

/** One pass over images in their order: a loader of `@vitscale/data` that does not shuffle, or whatever gives its batches. */
export interface ImagePass extends Pick<Loader, "source" | "stepsPerEpoch"> {
  next(): Promise<Batch | undefined>;
}

/**
 * Runs a model over images and makes the table that all suites read, a part for each batch:
 *
 *     image     text      name of the image
 *     class     text      name of its class in the data set
 *     label     number    number of the class, where the model has as many classes as the data set
 *     scores    vector    what the model says
 *
 * and a column for each attribute of the data set: of numbers where its values are the classes themselves (`texture-class`), else of texts.
 *
 * @param name of the predictions, for messages: the checkpoint and the data
 */
export async function* predict(score: ScoreImages, images: ImagePass, name = "predictions"): AsyncGenerator<Table> {
  for (let batch = 0; batch < images.stepsPerEpoch; batch++) {
    const next = await images.next();
    if (next === undefined) return;
    const { shape, data } = await score(next.image);
    const width = shape[1]!;
    // Padding fills up the last batch, and every row before it is an image.
    const rows = Array.from(next.index.data.filter((index) => index >= 0));
    const columns = new Map<string, Column>(factsOf(images.source, rows, width));
    columns.set("scores", vectorColumn(data.slice(0, rows.length * width), width));
    yield table(columns, name);
  }
}

/** What is known of images without looking at them. */
function factsOf(source: Source, rows: readonly number[], modelClasses: number): [string, Column][] {
  const { classes, labels, attributes, nameOf } = source;
  const own = rows.map((row) => labels[row]!);
  return [
    ["image", textColumn(rows.map(nameOf))],
    ["class", textColumn(own.map((label) => classes[label]!))],
    ...(classes.length === modelClasses ? [["label", numberColumn(Int32Array.from(own))] as [string, Column]] : []),
    ...Object.entries(attributes).map(([name, { values, of }]): [string, Column] => {
      const isClass = values.length === classes.length && values.every((value, i) => value === classes[i]);
      if (isClass) return [name, numberColumn(Int32Array.from(rows, (row) => of[row]!))];
      return [name, textColumn(rows.map((row) => values[of[row]!]!))];
    }),
  ];
}
