import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

// TypeScript blocks of these pages are programs that a reader may copy: each is run here as it stands, and compiled with strict types by
// scripts/check-examples.mjs. Packages' own tests run the examples of other pages.
const pages = [
  "README.md",
  "docs/tour.md",
  "docs/sharding.md",
  "docs/evaluation.md",
  "docs/performance.md",
  "packages/core/README.md",
  "packages/data/README.md",
  "packages/eval/README.md",
  "packages/sharding/README.md",
];

const root = resolve(import.meta.dirname, "..");
// Inside the repository, where packages resolve as they do for a reader.
const scratch = join(root, "test", ".examples");

function examplesOf(page: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string);
}

describe("examples in", () => {
  // Pages say what holds by `expect`, and write files into `folder`.
  const folder = mkdtempSync(join(tmpdir(), "vitscale-examples-"));
  beforeAll(() => {
    vi.stubGlobal("expect", expect);
    vi.stubGlobal("folder", folder);
  });
  afterAll(() => {
    vi.unstubAllGlobals();
    for (const path of [scratch, folder]) rmSync(path, { recursive: true, force: true });
  });

  describe.each(pages)("%s", (page) => {
    const examples = examplesOf(page);
    it.each(examples.map((code, index) => [index + 1, code] as const))("example %i runs", async (index, code) => {
      mkdirSync(scratch, { recursive: true });
      const file = join(scratch, `${page.replaceAll(/\W/g, "-")}-${index}.ts`);
      writeFileSync(file, code);
      const log = vi.spyOn(console, "log").mockImplementation(() => {});
      try {
        await import(file);
      } finally {
        log.mockRestore();
      }
    });
  });
});
