import { once } from "node:events";
import { expect, it, vi } from "vitest";
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

it("takes a closed terminal for a request, and goes on though nothing can be shown", () => {
  const before = process.stderr.listeners("error");
  const stop = listenForStop(() => {});
  process.emit("SIGHUP");
  expect([stop.signal.aborted, stop.exitCode]).toEqual([true, 129]);
  stop.release();
  const added = process.stderr.listeners("error").filter((listener) => !before.includes(listener));
  expect(added).toHaveLength(1);
  expect(() => added[0]!(Object.assign(new Error("write EIO"), { code: "EIO" }))).not.toThrow();
  for (const stream of [process.stdout, process.stderr])
    stream.off("error", stream.listeners("error").at(-1) as () => void);
});

it("ends the process at the second signal, by the code of the first", () => {
  const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
  const stop = listenForStop(() => {});
  process.emit("SIGINT");
  expect(exit).not.toHaveBeenCalled();
  process.emit("SIGTERM");
  expect(exit.mock.calls).toEqual([[130]]);
  stop.release();
  exit.mockRestore();
});

it("takes the same signal twice at once for one request, as GNU timeout sends it", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
  const asked: string[] = [];
  const stop = listenForStop((name) => asked.push(name));
  process.emit("SIGTERM");
  process.emit("SIGTERM");
  vi.advanceTimersByTime(400);
  process.emit("SIGTERM");
  expect([exit.mock.calls, asked]).toEqual([[], ["SIGTERM"]]);
  vi.advanceTimersByTime(200);
  process.emit("SIGTERM");
  expect(exit.mock.calls).toEqual([[143]]);
  stop.release();
  exit.mockRestore();
  vi.useRealTimers();
});
