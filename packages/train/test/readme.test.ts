import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { readRunInfo } from "../src/runs/info.ts";

// Whole runs, which a busy machine may take long for.
vi.setConfig({ testTimeout: 120_000 });

const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string);

// Inside the package, where imports resolve as they do for a reader; what the examples write goes elsewhere.
const sources = join(import.meta.dirname, ".readme");
const scratch = mkdtempSync(join(tmpdir(), "vitscale-readme-"));
afterAll(() => {
  rmSync(sources, { recursive: true, force: true });
  rmSync(scratch, { recursive: true });
});

/** Runs an example as it stands, and gives what it exports. */
async function run(index: number): Promise<Record<string, unknown>> {
  mkdirSync(sources, { recursive: true });
  const file = join(sources, `example-${index}.ts`);
  writeFileSync(file, examples[index]!);
  const folder = process.cwd();
  process.chdir(scratch);
  const quiet = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    return await import(file);
  } finally {
    quiet.mockRestore();
    process.chdir(folder);
  }
}

it("the first example trains and leaves a run", async () => {
  await run(0);
  expect(readRunInfo(join(scratch, "runs/shapes"))).toMatchObject({ name: "shapes", status: "finished", step: 60 });
});

it("the second example takes a step, whose loss is ln 10", async () => {
  const { loss } = await run(1);
  expect(loss).toBeCloseTo(Math.LN10, 6);
});

it("the third example describes a sweep of 12 runs", async () => {
  const { sweep } = (await run(2)) as { sweep: { group: string; configs: readonly { name: string }[] } };
  expect(sweep.group).toBe("qk-norm");
  expect(sweep.configs).toHaveLength(12);
  expect(sweep.configs[0]?.name).toBe("learningRate=0.001-qkNorm=none-seed=0");
});

it("there are no other examples", () => expect(examples).toHaveLength(3));
