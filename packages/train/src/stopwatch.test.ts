import { expect, it } from "vitest";
import { createStopwatch } from "./stopwatch.ts";

it("gives every moment to one activity", () => {
  let time = 1000;
  const watch = createStopwatch(() => time);
  const pass = (milliseconds: number) => {
    time += milliseconds;
  };
  pass(5);
  watch.enter("data");
  pass(20);
  watch.enter("step");
  pass(100);
  watch.enter("data");
  pass(10);
  expect(watch.take()).toEqual({ data: 0.03, step: 0.1, evaluate: 0, checkpoint: 0, other: 0.005 });
  pass(7);
  expect(watch.take().data).toBe(0.007);
});
