import { generatedShapes, openLoader } from "@vitscale/data";
import { expect, it } from "vitest";
import { openFeed } from "../batches.ts";
import { markOf } from "./answers.ts";
import { repeatViews } from "./views.ts";

/** Marks of the first batches that a feed gives from a step on. */
async function marksFrom(start: number, count: number, last: "drop" | "wrap") {
  const source = generatedShapes({ length: 40, side: 16, look: "silhouette" });
  const pipeline = { source, last, batchSize: 16, shuffle: true, seed: 3 };
  const open = (at: number) =>
    openFeed(
      (step) => openLoader(pipeline, { workers: 0, start: { step } }),
      at,
      () => {},
    );
  const feed = await repeatViews(open, start, 1);
  const marks: number[] = [];
  for (let batch = 0; batch < count; batch++) {
    const { image: images, label: labels } = await feed.next();
    marks.push(markOf({ images, labels }));
  }
  await feed.close();
  return marks;
}

// 40 images are two and a half batches of 16.
it.each([
  { last: "drop", period: 2 },
  { last: "wrap", period: 3 },
] as const)(
  "repeats $period whole batches of an epoch with last $last, wherever it begins",
  async ({ last, period }) => {
    const marks = await marksFrom(0, 2 * period + 1, last);
    expect(new Set(marks).size).toBe(period);
    expect(marks).toEqual(marks.map((_, step) => marks[step % period]));
    expect(await marksFrom(period + 1, period, last)).toEqual(marks.slice(1, period + 1));
  },
);
