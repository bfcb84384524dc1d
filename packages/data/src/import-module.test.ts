import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { lastingUrl } from "./import-module.ts";
import { generatedShapes } from "./index.ts";
import { openLoader } from "./loader/loader.ts";
import { defineOp } from "./op.ts";

const folder = mkdtempSync(join(tmpdir(), "vitscale-modules-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a module, and gives its URL. */
function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return pathToFileURL(join(folder, name)).href;
}

it("reads TypeScript where Node does not, once", async () => {
  const url = write("typed.ts", "const value: number = 7;\nconsole.log('run');\nexport { value };\n");
  // To tsx, a namespace that is not its own is a file that is none of its business: Node meets it as it does in a thread without tsx.
  const code = `
    import { tsImport } from "tsx/esm/api";
    const { importModule } = await tsImport("./import-module.ts", ${JSON.stringify(import.meta.url)});
    for (const _ of [1, 2]) console.log((await importModule("${url}?tsx-namespace=another")).value);
  `;
  const options = { cwd: import.meta.dirname };
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code], options);
  expect(stdout).toBe("run\n7\n7\n");
});

it("describes an operation by a URL that means the same in another process", () => {
  const url = "file:///tmp/op.ts";
  expect(lastingUrl(`${url}?tsx-namespace=c8d3d41e-eee2`)).toBe(url);
  expect(lastingUrl(`${url}?v=1`)).toBe(`${url}?v=1`);
  expect(defineOp("same", () => (image) => image, `${url}?tsx-namespace=1-2`)().module).toBe(url);
});

it("calls a module that a worker cannot load a mistake, not a crash", async () => {
  const module = write(
    "main-only.mjs",
    `import { isMainThread } from "node:worker_threads";
    if (!isMainThread) throw new Error("no threads here");
    export const same = Object.assign(() => {}, { compile: () => (image) => image });`,
  );
  const pipeline = {
    source: generatedShapes({ length: 4, side: 8 }),
    preprocess: [{ op: "same", options: {}, module }],
    batchSize: 2,
  };
  const loader = await openLoader(pipeline, { workers: 1 });
  const message = `operation "same" is of the module ${module}, which cannot be loaded (no threads here)`;
  await expect(loader.next()).rejects.toThrow(new RangeError(message));
});
