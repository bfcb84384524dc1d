import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as core from "@vitscale/core";
import * as data from "@vitscale/data";
import { afterAll, describe, expect, it } from "vitest";
import * as evaluation from "../src/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);
const folder = mkdtempSync(join(tmpdir(), "vitscale-eval-readme-"));
afterAll(() => rmSync(folder, { recursive: true }));

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<void>;

describe("README", () => {
  it("has examples", () => {
    expect(examples.length).toBeGreaterThanOrEqual(3);
  });

  // As written, but for imports, which come from sources, and a folder of the test's own.
  it.each(examples.map((code, i) => ({ code, i })))("example $i runs", async ({ code }) => {
    const packages = { core, data, eval: evaluation };
    const body = code.replace(/import (\{[^}]*\}) from "@vitscale\/(\w+)";/g, "const $1 = packages.$2;");
    await new AsyncFunction("packages", "expect", "folder", body)(packages, expect, folder);
  });
});
