import { defaultEngine } from "@vitscale/core";
import { expect, it } from "vitest";
import { measurePeak } from "./peak.ts";

it("measures a rate between a slow core and a large accelerator", async () => {
  const peak = await measurePeak(defaultEngine(), { side: 256, seconds: 0.02 });
  expect(peak).toBeGreaterThan(1e8);
  expect(peak).toBeLessThan(1e15);
});
