import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("suites that add up need a part of a table at a time, and little of each row", { timeout: 300_000 }, async () => {
  const program = fileURLToPath(new URL("peak-memory.ts", import.meta.url));
  const options = ["--expose-gc", "--conditions=@vitscale/source", "--import", "tsx", program];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  const { table, growth } = JSON.parse(stdout) as Record<"table" | "growth", number>;
  expect(table).toBe(2 ** 27);
  // Kept, a table would take all of its 128 MB, and joining its parts as much again.
  expect(growth).toBeLessThan(0.75 * table);
});
