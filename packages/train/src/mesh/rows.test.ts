import { vit22b } from "@vitscale/vit";
import { expect, it } from "vitest";
import { notedImages, readImages } from "../../test/noted-images.ts";
import { resolveConfig } from "../config/train-config.ts";
import { createClosing } from "../training/closing.ts";
import { feedsOf } from "../training/feeds.ts";
import { wholeShare } from "./share.ts";

const config = resolveConfig(
  {
    model: vit22b("mu/4", { imageSide: 8, classes: 2 }),
    data: { source: notedImages({ length: 24 }) },
    loader: { workers: 0, cacheBytes: 0, prefetch: 1 },
    ...{ batchSize: 8, steps: 3, learningRate: 1e-3, schedule: { kind: "constant" } },
  },
  "test",
);

/** What a data rank of several reads in an epoch: the rows that it is given, and the images behind them. */
async function epochOf(index: number, count: number) {
  const closing = createClosing();
  const share = { ...wholeShare(), rows: { index, count } };
  const feed = await feedsOf(config, share, closing, () => {}).training(0);
  readImages.length = 0;
  const given: number[] = [];
  for (let step = 0; step < 3; step++) given.push(...(await feed.next()).index.data);
  const read = [...readImages];
  await closing.closeAll();
  return { given, read };
}

it("a rank reads the images of its own rows and no others, and all together those of one rank", async () => {
  const alone = await epochOf(0, 1);
  const parts: Awaited<ReturnType<typeof epochOf>>[] = [];
  for (let rank = 0; rank < 4; rank++) parts.push(await epochOf(rank, 4));
  for (const { given, read } of parts) {
    expect(given).toHaveLength(6);
    // What comes after is brought up already: a batch of two images, of the next epoch.
    expect(read.slice(0, 6).sort()).toEqual([...given].sort());
    expect(read.length).toBeLessThanOrEqual(6 + 2 * 2);
  }
  const inOrder = [0, 1, 2].flatMap((step) => parts.flatMap(({ given }) => given.slice(2 * step, 2 * step + 2)));
  expect(inOrder).toEqual(alone.given);
});
