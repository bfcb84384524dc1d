import { hostTensor } from "@vitscale/core";
import { expect, it } from "vitest";
import { finiteCheck } from "./first-infinite.ts";

it("names the first parameter that holds an infinite number or none", async () => {
  const check = finiteCheck<{ a: { kernel: never }; b: never }>();
  const kernel = (...values: number[]) => hostTensor("float32", [values.length], Float32Array.from(values));
  const first = (a: number, b: number) =>
    check.firstInfinite({ a: { kernel: kernel(1, a, 3) }, b: kernel(b) } as never);
  expect(await first(2, 4)).toBeUndefined();
  expect(await first(3.4e38, -3.4e38)).toBeUndefined();
  expect(await first(Number.NaN, Number.POSITIVE_INFINITY)).toBe("a/kernel");
  expect(await first(2, Number.NEGATIVE_INFINITY)).toBe("b");
  await check.dispose();
});
