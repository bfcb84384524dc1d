import { once } from "node:events";
import { expect, it } from "vitest";
import { listenForStop } from "./stop-signal.ts";

it("turns the first signal into a request and is gone after release", async () => {
  const before = process.listenerCount("SIGTERM");
  const asked: string[] = [];
  const stop = listenForStop((name) => asked.push(name));
  const aborted = once(stop.signal, "abort");
  expect([stop.signal.aborted, stop.exitCode]).toEqual([false, undefined]);
  process.emit("SIGTERM");
  await aborted;
  expect([stop.signal.aborted, stop.exitCode, asked]).toEqual([true, 143, ["SIGTERM"]]);
  stop.release();
  expect(process.listenerCount("SIGTERM")).toBe(before);
});
