import type { BatchFeed } from "../batches.ts";

/**
 * A feed of data whose epochs repeat: epoch `views` brings the very batches of epoch 0 again, so that what a teacher says of them needs
 * to be asked only once.
 *
 * @param open opens endless data at a step
 */
export async function repeatViews(
  open: (step: number) => Promise<BatchFeed>,
  start: number,
  views: number,
): Promise<BatchFeed> {
  let feed = await open(start);
  const period = views * feed.loader.stepsPerEpoch;
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
