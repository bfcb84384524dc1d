import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fakeClaim } from "../testing/fake-claim.ts";
import { main } from "./main.ts";

it("ends with 0 whatever the verdicts are, unless they are to count", async () => {
  const out = mkdtempSync(join(tmpdir(), "vitscale-bench-"));
  const ignore = { out: () => {}, error: () => {} };
  // The aim of at most 10 ms is reached by the one, and missed by the other.
  const [reached, missed] = [
    fakeClaim({ name: "reached", values: [9, 9] }),
    fakeClaim({ name: "missed", values: [11, 11] }),
  ];
  const exitCode = (...argv: string[]) => main([...argv, "--out", out], [reached, missed], ignore);
  expect(await exitCode()).toBe(0);
  expect(await exitCode("--strict")).toBe(2);
  expect(await exitCode("--strict", "--only", "reached")).toBe(0);
  rmSync(out, { recursive: true });
});
