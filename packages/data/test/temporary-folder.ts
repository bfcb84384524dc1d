import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";

/** A folder that is removed after the tests of a file, and a function that writes files into it. */
export async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), "vitscale-data-"));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return {
    folder,
    /** Writes a file, with the folders above it, and returns its path. */
    async write(name: string, contents: Uint8Array | string) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, contents);
      return path;
    },
  };
}
