import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll } from "vitest";

/** A folder for the files of one test file, removed afterwards. Returns where a name lies in it. */
export function scratchFolder(): (name: string) => string {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vitscale-files-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

/** A file that `fixtures/make_files.py` made. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../../fixtures/files/${name}`, import.meta.url));
}
