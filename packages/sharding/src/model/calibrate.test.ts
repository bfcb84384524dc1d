import { expect, it } from "vitest";
import { calibrate, fitLine, type Sample } from "./calibrate.ts";

const along = (fixed: number, rate: number, sizes: readonly number[]): Sample[] =>
  sizes.map((size) => ({ size, seconds: fixed + size / rate }));

it("finds the line that samples lie on", () => {
  const { fixed, rate } = fitLine(along(2e-3, 1e9, [1e5, 1e6, 1e7]));
  expect(fixed).toBeCloseTo(2e-3, 12);
  expect(rate).toBeCloseTo(1e9, -1);
  // One size gives a rate alone, and so does a line that would start below zero or fall.
  expect(fitLine([{ size: 100, seconds: 2 }])).toEqual({ fixed: 0, rate: 50 });
  expect(fitLine([{ size: 10, seconds: 1 }, { size: 40, seconds: 8 }]).fixed).toBe(0); // biome-ignore format: one line
  expect(fitLine([{ size: 10, seconds: 2 }, { size: 40, seconds: 1 }]).fixed).toBe(0); // biome-ignore format: one line
});

it("weighs relative errors: as numpy.linalg.lstsq does with rows divided by the times", () => {
  // numpy.linalg.lstsq([[1/y, x/y]], 1) for x = [1, 2, 4], y = [2, 2.5, 5]
  const { fixed, rate } = fitLine([
    { size: 1, seconds: 2 },
    { size: 2, seconds: 2.5 },
    { size: 4, seconds: 5 },
  ]);
  expect([fixed, 1 / rate]).toEqual([expect.closeTo(0.96401028, 8), expect.closeTo(0.9125964, 7)]);
});

const parts = {
  products: along(1e-4, 2e11, [1e9, 1e10]),
  sums: along(1e-5, 1e10, [1e6, 1e7]),
  messages: along(1e-3, 1.25e8, [1e5, 1e6]),
};

it("takes the device from products and sums, the link from messages", () => {
  const { device, link } = calibrate(parts);
  expect([device.productFlops, device.bytesPerSecond, device.overhead].map((value) => value?.toPrecision(6))).toEqual(["2.00000e+11", "1.00000e+10", "0.000100000"]); // biome-ignore format: one line
  expect([link.bytesPerSecond, link.latency].map((value) => value.toPrecision(6))).toEqual(["1.25000e+8", "0.00100000"]); // biome-ignore format: one line
});

it("takes what collectives and messages cost the device from what they take beyond their parts", () => {
  const bare = calibrate(parts);
  expect(bare).toMatchObject({
    device: { gatheredBytesPerSecond: Infinity, reducedBytesPerSecond: Infinity },
    link: { computingPerByte: 0, isShared: false },
  });
  const { device, link } = calibrate({
    ...parts,
    gathers: [{ size: 4e6, seconds: 1e-3 }],
    reductions: [{ size: 6e6, seconds: 3e-3 }],
    disturbances: [
      { size: 1e6, seconds: 3e-3 },
      { size: 2e6, seconds: 4e-3 },
    ],
  });
  expect(device).toMatchObject({ gatheredBytesPerSecond: 4e9, reducedBytesPerSecond: expect.closeTo(2e9, 0) });
  expect(link.computingPerByte).toBeCloseTo(2e-9, 15);
});

it("sees from messages both ways whether the two share a link", () => {
  const isShared = (seconds: number) => calibrate({ ...parts, bothWays: [{ size: 1e6, seconds }] }).link.isShared;
  // One way, 10⁶ bytes take 1 ms and 8 ms.
  expect([9e-3, 12e-3, 17e-3].map(isShared)).toEqual([false, false, true]);
});
