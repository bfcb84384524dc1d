import { expect, it } from "vitest";
import { sharedInt32 } from "../files/shared.ts";
import { catalogOf } from "../open-source.ts";
import { generatedShapes } from "../sources/generated-shapes.ts";
import { settingsOf } from "./pipeline.ts";
import type { Job } from "./plan.ts";
import { prefetchBatches } from "./prefetch.ts";
import { Schedule } from "./schedule.ts";

/** A stream of batches of 2 out of 20 samples, from step 4 of 10 on, with the steps of the jobs that it has begun. */
async function streamOf(ahead: number) {
  const settings = settingsOf({ source: generatedShapes({ length: 20, side: 8 }), batchSize: 2, epochs: 1, seed: 0 });
  const samples = Uint32Array.from({ length: 20 }, (_, i) => i);
  const format = { height: 8, width: 8, channels: 3, dtype: "uint8" } as const;
  const plan = {
    settings,
    catalog: await catalogOf(settings.source),
    samples,
    format,
    slots: Array.from({ length: Math.max(1, ahead) }, () => new SharedArrayBuffer(384)),
    stop: sharedInt32(1),
  };
  const begun: number[] = [];
  const producer = {
    produce: async ({ step }: Job) => {
      begun.push(step);
      return new Uint8Array(384);
    },
    hold() {},
    close: async () => {},
  };
  const stream = prefetchBatches(plan, new Schedule(samples, settings), { first: 0, count: 2 }, 4, producer, ahead);
  return { stream, begun };
}

it.each([
  [1, [4]],
  [3, [4, 5, 6]],
  [9, [4, 5, 6, 7, 8, 9]],
])("%i batches are under way while none is taken, as far as there are", async (ahead, steps) => {
  const { stream, begun } = await streamOf(ahead);
  expect(begun).toEqual(steps);
  await stream.close();
});

it("for each that is taken one more is begun", async () => {
  const { stream, begun } = await streamOf(2);
  expect((await stream.next())?.step).toBe(4);
  expect(begun).toEqual([4, 5, 6]);
  expect((await stream.next())?.step).toBe(5);
  expect(begun).toEqual([4, 5, 6, 7]);
  await stream.close();
});

it("none is begun before it is asked for with 0", async () => {
  const { stream, begun } = await streamOf(0);
  expect(begun).toEqual([]);
  expect((await stream.next())?.step).toBe(4);
  expect(begun).toEqual([4]);
  await stream.close();
});
