import type { DeviceTensor } from "@vitscale/core";
import { expect, it } from "vitest";
import { createMetricWindow } from "./metric-window.ts";

function scalar(value: number, disposed: number[] = []): DeviceTensor {
  return { read: async () => Float32Array.of(value), dispose: () => disposed.push(value) } as unknown as DeviceTensor;
}

it("averages a window, frees what it read, and begins anew", async () => {
  const disposed: number[] = [];
  const window = createMetricWindow();
  for (const value of [1, 2, 6]) window.add({ "train/loss": scalar(value, disposed) });
  expect(await window.take()).toEqual({ "train/loss": 3 });
  expect(disposed).toEqual([1, 2, 6]);
  window.add({ "train/loss": scalar(10) });
  expect(await window.take()).toEqual({ "train/loss": 10 });
});

it("goes on with the values of a window that was cut by a checkpoint", async () => {
  const whole = createMetricWindow();
  for (const value of [0.5, 1.5, 4]) whole.add({ "train/loss": scalar(value) });

  const first = createMetricWindow();
  first.add({ "train/loss": scalar(0.5) });
  const read = await first.read();
  const saved = JSON.parse(JSON.stringify(read));
  expect(first.steps).toBe(1);
  // What was given to a checkpoint that is written later stays as it was.
  first.add({ "train/loss": scalar(9) });
  expect(first.steps).toBe(2);
  await first.read();
  expect(read).toEqual({ "train/loss": [0.5] });

  const second = createMetricWindow(saved);
  for (const value of [1.5, 4]) second.add({ "train/loss": scalar(value) });
  expect(await second.take()).toEqual(await whole.take());
});
