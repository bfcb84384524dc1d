import { type Batch, type Loader, WorkerError } from "@vitscale/data";
import { expect, it } from "vitest";
import { openFeed } from "./batches.ts";

/** Opens loaders of batches 0, 1, 2, … where each call of `next` may fail; collects the steps at which they were opened. */
function failing(failure: (step: number) => Error | undefined) {
  const opened: number[] = [];
  const closed: number[] = [];
  const open = async (start: number): Promise<Loader> => {
    opened.push(start);
    if (opened.length > 9) throw new Error("opened for ever");
    let step = start;
    const next = async () => {
      const error = failure(step);
      if (error !== undefined) throw error;
      return { step: step++ } as Batch;
    };
    return { next, close: async () => void closed.push(start) } as Partial<Loader> as Loader;
  };
  return { open, opened, closed };
}

const death = () => new WorkerError("a data worker ended with code 9 before it was told to");

it("opens the data again where a worker died, once for each step", async () => {
  const left = new Map([
    [2, 1],
    [3, 1],
  ]);
  const { open, opened, closed } = failing((step) => {
    const deaths = left.get(step) ?? 0;
    left.set(step, deaths - 1);
    return deaths > 0 ? death() : undefined;
  });
  const restarts: [string, number][] = [];
  const feed = await openFeed(open, 1, (reason, step) => restarts.push([reason, step]));
  const steps: number[] = [];
  for (let i = 0; i < 4; i++) steps.push((await feed.next()).step);
  expect(steps).toEqual([1, 2, 3, 4]);
  expect([opened, closed]).toEqual([
    [1, 2, 3],
    [1, 2],
  ]);
  expect(restarts).toEqual([2, 3].map((step) => [death().message, step]));
});

it("reports the second death at the same step, and what is wrong with the data at once", async () => {
  const dying = failing((step) => (step === 2 ? death() : undefined));
  const feed = await openFeed(dying.open, 2, () => {});
  await expect(feed.next()).rejects.toBeInstanceOf(WorkerError);
  expect(dying.opened).toEqual([2, 2]);

  const mistaken = failing(() => new RangeError("no such operation"));
  const other = await openFeed(mistaken.open, 0, () => {});
  await expect(other.next()).rejects.toThrow("no such operation");
  expect(mistaken.opened).toEqual([0]);
});
