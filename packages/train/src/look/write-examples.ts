import { mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { type HostTensor, writeAtomically } from "@vitscale/core";
import { encodePng, type Source } from "@vitscale/data";
import {
  confusionView,
  type ImagesView,
  type ResultView,
  type ViewImage,
  wilsonInterval,
  writeResult,
} from "@vitscale/eval";
import { stepFileName } from "../runs/info.ts";
import type { Example, ExampleKeeper } from "./example-keeper.ts";
import { attentionPicture, examplePicture } from "./example-pictures.ts";

/** Where {@link writeExamples} writes, and what it says of the images. */
export interface ExampleFacts {
  /** The run's folder of evaluations, or another one. */
  readonly folder: string;
  /** Of the evaluation: the files are called `NAME-examples`. */
  readonly name: string;
  readonly step?: number;
  /** What was evaluated, in words. */
  readonly source: string;
  /** The data set that the samples are of. */
  readonly images: Pick<Source, "classes" | "nameOf">;
  /** Where the model looked in some images [rows, side, side, channels]: [rows, patches down, patches across]. */
  readonly attention: (images: HostTensor<"uint8">) => Promise<HostTensor<"float32">>;
}

/** How many of the worst mistakes stand side by side, and how many of them with their attention. */
const [mostShown, mostAttended] = [48, 24];

/**
 * Writes what a keeper kept as an evaluation `NAME-examples`: small PNG files, and views for the dashboard of a confusion matrix that opens
 * them, of the worst mistakes, and of where the model looked. The JSON comes last, so whoever finds it finds the pictures.
 *
 * @returns path of the JSON file
 */
export async function writeExamples(keeper: ExampleKeeper, facts: ExampleFacts): Promise<string> {
  const { folder, name: prefix, step, source, images, attention } = facts;
  const name = `${prefix}-examples`;
  const place = step === undefined ? name : stepFileName(name, step);
  rmSync(join(folder, place), { recursive: true, force: true });
  mkdirSync(join(folder, place), { recursive: true });

  const describe = ({ sample, truth, answer, confidence }: Example, file: string): ViewImage => ({
    // Below the folder that holds the evaluations, which is the run's.
    path: `${basename(folder)}/${place}/${file}`,
    caption: images.nameOf(sample),
    truth: images.classes[truth] ?? `${truth}`,
    answer: images.classes[answer] ?? `${answer}`,
    confidence,
  });
  const write = async (file: string, picture: Parameters<typeof encodePng>[0]) => {
    const bytes = await encodePng(picture);
    await writeAtomically(join(folder, place, file), (append) => append(bytes));
  };

  const examples = keeper.examples();
  const shown: ViewImage[] = [];
  for (const example of examples) {
    const file = `${example.sample}.png`;
    await write(file, examplePicture(example.image));
    shown.push(describe(example, file));
  }
  const isWrong = ({ truth, answer }: ViewImage) => truth !== answer;
  const worst = shown.filter(isWrong).slice(0, mostShown);

  // Beside mistakes some right answers, if only because there may be no mistakes.
  const wrong = examples.filter(({ truth, answer }) => truth !== answer).slice(0, mostAttended / 2);
  const right = examples.filter(({ truth, answer }) => truth === answer).slice(0, mostAttended - wrong.length);
  const attended: ViewImage[] = [];
  const looked = [...wrong, ...right];
  if (looked.length > 0) {
    const maps = await attention(stacked(looked));
    const [, down = 0, across = 0] = maps.shape;
    for (const [i, example] of looked.entries()) {
      const file = `${example.sample}-attention.png`;
      const map = maps.data.subarray(i * down * across, (i + 1) * down * across);
      await write(file, attentionPicture(example.image, { dtype: "float32", shape: [down, across], data: map }));
      const strongest = map.reduce((a, b) => Math.max(a, b)) * map.length;
      const image = describe(example, file);
      attended.push({ ...image, caption: `${image.caption}: up to ${strongest.toPrecision(2)} times the mean` });
    }
  }

  const { truths, answers } = keeper;
  const hits = truths.filter((truth, row) => truth === answers[row]).length;
  const views: ResultView[] = [
    {
      ...confusionView({ title: "Answers to each class", classes: images.classes, truths, answers }),
      examples: byCell(shown),
    },
    ...gallery(worst, "Worst mistakes", "The surest of the wrong answers, at most a few of each pair of classes."),
    ...gallery(
      attended,
      "Where the model looked",
      "Attention carried back from the pooled feature through all blocks (rollout). Each picture has its own scale, from its least to its most attended patch.",
    ),
  ];
  const result = {
    metrics: { accuracy: wilsonInterval(hits, truths.length) },
    tables: [],
    plots: [],
    views,
    notes: [],
  };
  const suite = { name: "examples", measures: "Single images: which mistakes were made, and where the model looked." };
  return writeResult(folder, suite, result, { source, ...(step !== undefined && { step }) }, name);
}

/** Images of one size as a batch. */
function stacked(examples: readonly Example[]): HostTensor<"uint8"> {
  const [{ image }] = examples as readonly [Example, ...Example[]];
  const data = new Uint8Array(examples.length * image.data.length);
  for (const [i, one] of examples.entries()) data.set(one.image.data, i * image.data.length);
  return { dtype: "uint8", shape: [examples.length, ...image.shape], data };
}

/** Images by `TRUE,ANSWER`. */
function byCell(images: readonly ViewImage[]): Record<string, ViewImage[]> {
  const cellOf = ({ truth, answer }: ViewImage) => `${truth},${answer}`;
  const cells = [...new Set(images.map(cellOf))];
  return Object.fromEntries(cells.map((cell) => [cell, images.filter((image) => cellOf(image) === cell)]));
}

/** A view of images, unless there are none. */
function gallery(images: readonly ViewImage[], title: string, note: string): ImagesView[] {
  return images.length === 0 ? [] : [{ kind: "images", title, note, images }];
}
