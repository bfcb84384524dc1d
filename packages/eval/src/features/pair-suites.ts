import { topKAccuracy } from "../accuracy.ts";
import { counted } from "../counted.ts";
import type { Estimate } from "../statistics/index.ts";
import { keepingColumns } from "../suite/accumulate.ts";
import type { Suite } from "../suite/suite.ts";
import { type Table, TableError } from "../table/index.ts";
import { occurringClasses, roleColumns, roleNeeds, roleRows, vectorsOf, wholeLabels } from "./columns.ts";
import { takeVectors } from "./features.ts";
import { type RetrievalOptions, retrieval } from "./retrieval.ts";
import { imageOfEachText } from "./retrieval-columns.ts";
import { classVectors, zeroShot } from "./zero-shot.ts";

/** Zero-shot accuracy of an image tower and a text tower: {@link zeroShot}. */
export const zeroShotSuite: Suite = keepingColumns(roleColumns, {
  name: "zeroshot",
  measures: "accuracy of the class whose prompts are nearest to an image, without training",
  needs: { ...roleNeeds, "label or class": "class of each image; of each text, the class that its prompt names" },
  async run(predictions) {
    const { images, texts } = roleRows(predictions);
    const [vectors, { labels, classes }] = [vectorsOf(predictions), occurringClasses(wholeLabels(predictions))];
    const promptLabels = Int32Array.from(texts, (row) => labels[row]!);
    requirePrompts(predictions, images, promptLabels, labels);
    const prototypes = classVectors(takeVectors(vectors, texts), promptLabels, classes);
    const imageLabels = Int32Array.from(images, (row) => labels[row]!);
    const scored = await zeroShot({ vectors: takeVectors(vectors, images), labels: imageLabels, classes }, prototypes);
    return {
      metrics: { top1: topKAccuracy(scored), ...(classes > 5 && { top5: topKAccuracy(scored, 5) }) },
      tables: [],
      plots: [],
      notes: [`${counted(texts.length, "prompt")} of ${classes} classes.`],
    };
  },
});

/** @throws TableError naming the first image of a class that no text names, and when all texts name one class */
function requirePrompts(table: Table, images: Int32Array, promptLabels: Int32Array, labels: Int32Array): void {
  const named = new Set(promptLabels);
  const without = images.find((row) => !named.has(labels[row]!));
  if (without !== undefined) {
    throw new TableError(
      table.name,
      "is an image of a class that no text names; give one or more prompts for each class",
      without,
    );
  }
  if (named.size === 1) {
    throw new TableError(
      table.name,
      "has prompts of one class alone; give those of two classes or more to choose among",
    );
  }
}

/** Retrieval between images and texts in both directions: {@link retrieval}. */
export function retrievalSuite(options: RetrievalOptions = {}): Suite {
  return keepingColumns(roleColumns, {
    name: "retrieval",
    measures: "how often an image finds its text, and a text its image, among the nearest",
    needs: { ...roleNeeds, image: "name of each image; of each text, the name of the image that it belongs to" },
    async run(predictions) {
      const { images, texts } = roleRows(predictions);
      const vectors = vectorsOf(predictions);
      const owners = imageOfEachText(predictions, images, texts);
      const found = await retrieval(takeVectors(vectors, images), takeVectors(vectors, texts), owners, options);
      const directions = { "text-to-image": found.textToImage, "image-to-text": found.imageToText };
      const metrics: Record<string, Estimate> = {};
      for (const [name, { recall, meanReciprocalRank }] of Object.entries(directions)) {
        for (const [k, share] of recall) metrics[`${name}/recall-${k}`] = share;
        metrics[`${name}/mean-reciprocal-rank`] = meanReciprocalRank;
      }
      const lengths = [...found.textToImage.recall.keys()];
      return {
        metrics,
        tables: [
          {
            title: "Retrieval",
            columns: ["direction", ...lengths.map((k) => `recall at ${k}`), "median rank", "mean reciprocal rank"],
            rows: Object.entries(directions).map(([name, { recall, medianRank, meanReciprocalRank }]) => [
              name.replaceAll("-", " "),
              ...lengths.map((k) => recall.get(k)!),
              medianRank,
              meanReciprocalRank,
            ]),
          },
        ],
        plots: [],
        notes: [
          `${counted(images.length, "image")} and ${counted(texts.length, "text")}.`,
          ...sureRecalls({ images: images.length, texts: texts.length }, lengths),
        ],
      };
    },
  });
}

/** Lists as long as there are candidates hold the right one for sure. */
function sureRecalls(candidates: Readonly<Record<string, number>>, lengths: readonly number[]): string[] {
  return Object.entries(candidates).flatMap(([kind, count]) => {
    const sure = lengths.filter((k) => k >= count);
    return sure.length === 0 ? [] : [`Recall at ${sure.join(", ")} among ${count} ${kind} is 1 whatever the model.`];
  });
}
