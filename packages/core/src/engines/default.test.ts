import { afterEach, expect, it, vi } from "vitest";
import { defaultEngine } from "./default.ts";

afterEach(() => vi.unstubAllEnvs());

it.each(["abc", "0", "1.5"])("names a mistake in VITSCALE_THREADS instead of computing slowly: %s", (threads) => {
  vi.stubEnv("VITSCALE_THREADS", threads);
  expect(defaultEngine).toThrow(`VITSCALE_THREADS is "${threads}"; it must be a whole number of threads`);
});

it("names a word in VITSCALE_NATIVE that is neither on nor off", () => {
  vi.stubEnv("VITSCALE_NATIVE", "no");
  expect(defaultEngine).toThrow(
    'VITSCALE_NATIVE is "no"; it must be off, for ordinary operators, or on, or not be set',
  );
});
