import { vit22b } from "@vitscale/vit";
import { expect, it } from "vitest";
import { crashConfig } from "../../test/tiny-config.ts";
import { resolveConfig } from "../config/train-config.ts";
import { imageFlops } from "../image-flops.ts";
import { createMeter } from "./meter.ts";

const model = vit22b("mu/4", { imageSide: 16, classes: 16 });
const config = resolveConfig({ ...crashConfig, model, batchSize: 8 }, "test");

/** A peak that rises to the next of some values at each measurement, and a clock in milliseconds. */
function metered(...values: number[]) {
  let time = 0;
  let measured = 0;
  const peak = {
    get flops() {
      return values[Math.min(measured, values.length - 1)]!;
    },
    async measure() {
      measured += 1;
    },
    async dispose() {},
  };
  const meter = createMeter(config, peak, 1, () => time);
  const steps = (seconds: number) => {
    meter.enter("step");
    time += 1000 * seconds;
    meter.enter("other");
  };
  return { meter, steps, measured: () => measured };
}

it("counts from the second step, and gives utilisation as a share of the peak", async () => {
  const { meter, steps } = metered(1e9);
  steps(5);
  expect(meter.begin(1)).toBe(5);
  expect(meter.begin(2)).toBeUndefined();
  steps(2);
  const { metrics, shown } = await meter.take(5);
  // Four steps of eight images in two seconds.
  expect(metrics["time/images-per-second"]).toBe(16);
  expect(metrics["time/step-ms"]).toBe(500);
  expect(shown.mfu).toBeCloseTo((16 * imageFlops(model)) / 1e9, 12);
  expect(shown.secondsLeft).toBe(0.5 * (config.steps - 5));
  expect(metrics["time/peak-flops"]).toBe(1e9);
});

it("measures the peak again from time to time, and at once where a step seems to be faster than it", async () => {
  const perSecond = 16 * imageFlops(model);
  const { meter, steps, measured } = metered(perSecond / 2, 2 * perSecond, 2 * perSecond);
  meter.begin(1);
  steps(2);
  const { shown } = await meter.take(5);
  expect(shown.mfu).toBeCloseTo(0.5, 12);
  expect(measured()).toBe(1);
  steps(1);
  await meter.take(7);
  expect(measured()).toBe(1);
  steps(20);
  await meter.take(47);
  expect(measured()).toBe(2);
});
