import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, it, vi } from "vitest";

// TypeScript blocks of these pages are programs that a reader may copy: each is run here as it stands.
const pages = [
  "README.md",
  "docs/tour.md",
  "docs/sharding.md",
  "packages/core/README.md",
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
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

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
