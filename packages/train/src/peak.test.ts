import { defaultEngine } from "@vitscale/core";
import { expect, it } from "vitest";
import { knownPeak, measurePeak, openPeak } from "./peak.ts";

it("measures a rate below that of the largest accelerator", async () => {
  const peak = await measurePeak(defaultEngine(), { side: 256, seconds: 0.02 });
  expect(peak).toBeGreaterThan(0);
  expect(peak).toBeLessThan(1e15);
});

it("only rises when it is measured again, and stays what it is known to be", async () => {
  const peak = openPeak(defaultEngine(), { side: 64 });
  expect(peak.flops).toBe(0);
  let before = 0;
  for (let i = 0; i < 5; i++) {
    await peak.measure();
    expect(peak.flops).toBeGreaterThanOrEqual(before);
    before = peak.flops;
  }
  expect(before).toBeGreaterThan(0);
  await peak.dispose();

  const known = knownPeak(1e12);
  await known.measure();
  expect(known.flops).toBe(1e12);
});
