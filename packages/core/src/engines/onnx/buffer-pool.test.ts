import { expect, it } from "vitest";
import { pooledBytes, recycleBuffer, takeBuffer } from "./buffer-pool.ts";

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
  for (let i = 0; i < 3; i++) recycleBuffer(new ArrayBuffer(400 * megabyte));
  expect(pooledBytes()).toBe(800 * megabyte);
  expect(takeBuffer(5 * megabyte)).not.toBe(old);
  recycleBuffer(new ArrayBuffer(1025 * megabyte));
  expect(pooledBytes()).toBe(0);
});
