import { afterEach, expect, it, vi } from "vitest";
import { defaultEngine } from "./default.ts";

afterEach(() => vi.unstubAllEnvs());

it.each(["abc", "0", "1.5"])("names a mistake in VITSCALE_THREADS instead of computing slowly: %s", (threads) => {
  vi.stubEnv("VITSCALE_THREADS", threads);
  expect(defaultEngine).toThrow(`VITSCALE_THREADS is "${threads}"; it must be a whole number of threads`);
});
