import { expect, it } from "vitest";
import { recycleBuffer, takeBuffer } from "./buffer-pool.ts";

const megabyte = 2 ** 20;

it("hands out what was given back, by size", () => {
  const buffer = takeBuffer(3 * megabyte);
  recycleBuffer(buffer);
  expect(takeBuffer(2 * megabyte)).not.toBe(buffer);
  expect(takeBuffer(3 * megabyte)).toBe(buffer);
  expect(takeBuffer(3 * megabyte)).not.toBe(buffer);
});

it("holds at most a gibibyte, and drops the sizes that were unused for longest", () => {
  const old = takeBuffer(5 * megabyte);
  recycleBuffer(old);
  // Never touched, so that no memory stands behind them.
  const large = [1, 2, 3].map(() => new ArrayBuffer(400 * megabyte));
  for (const buffer of large) recycleBuffer(buffer);
  // The third one found no room beside the first two.
  const taken = [1, 2, 3].map(() => takeBuffer(400 * megabyte));
  expect(taken.map((buffer) => large.indexOf(buffer)).sort()).toEqual([-1, 0, 1]);
  expect(takeBuffer(5 * megabyte)).not.toBe(old);

  const huge = new ArrayBuffer(1025 * megabyte);
  recycleBuffer(huge);
  // Compared here, for `toBe` would look at every byte.
  expect(takeBuffer(1025 * megabyte) === huge).toBe(false);
});
