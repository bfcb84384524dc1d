import { expect, it } from "vitest";
import { atMost } from "./at-most.ts";

it("begins what waits in its order, also after a failure, and never more than so many at a time", async () => {
  const inTurn = atMost(2);
  const begun: number[] = [];
  let [underWay, most] = [0, 0];
  const work = (number: number) =>
    inTurn(async () => {
      begun.push(number);
      most = Math.max(most, ++underWay);
      await new Promise(setImmediate);
      underWay--;
      if (number % 3 === 1) throw new Error(`piece ${number}`);
      return number;
    });
  const results = await Promise.allSettled([0, 1, 2, 3, 4, 5, 6].map(work));
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(most).toBe(2);
  expect(results.map(({ status }) => status === "fulfilled")).toEqual([true, false, true, true, false, true, true]);
  // All have left their places.
  expect(await Promise.all([work(8), work(9)])).toEqual([8, 9]);
});
