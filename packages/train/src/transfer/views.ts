import type { BatchFeed } from "../batches.ts";

/**
 * Batches after which those of the first `views` epochs come again. Under `last: "wrap"` an epoch may end within a batch: the one that
 * reaches into the next epoch is the last, so that only whole batches repeat and every image has all of its views.
 *
 * @param stepsPerEpoch of the loader; not a whole number where batches wrap
 */
export function batchesOfViews(views: number, stepsPerEpoch: number): number {
  return Math.ceil(views * stepsPerEpoch);
}

/**
 * A feed of data whose epochs repeat: after those of {@link batchesOfViews} the very batches from the first on come again, so that what a
 * teacher says of them needs to be asked only once.
 *
 * @param open opens endless data at a step
 */
export async function repeatViews(
  open: (step: number) => Promise<BatchFeed>,
  start: number,
  views: number,
): Promise<BatchFeed> {
  let feed = await open(start);
  const period = batchesOfViews(views, feed.loader.stepsPerEpoch);
  let place = start;
  const wrap = async () => {
    if (place < period) return;
    place %= period;
    await feed.close();
    feed = await open(place);
  };
  return {
    get loader() {
      return feed.loader;
    },
    async next() {
      await wrap();
      place += 1;
      return feed.next();
    },
    close: () => feed.close(),
  };
}
