import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { uniformStream } from "../gradients/testing/case.ts";
import { FileFormatError } from "./file-format-error.ts";
import { openNpz } from "./npz.ts";
import { openSafetensors } from "./safetensors.ts";
import { fixture, scratchFolder } from "./testing/scratch.ts";

const scratch = scratchFolder();

/** The files of this test that the process has open, as far as the system shows them. */
function openFiles(): string[] {
  const links = "/proc/self/fd";
  if (!existsSync(links)) return [];
  const targets = readdirSync(links).map((link) => {
    try {
      return readlinkSync(`${links}/${link}`);
    } catch {
      // What listed the folder is closed by now.
      return "";
    }
  });
  return targets.filter((target) => target.startsWith(scratch("")));
}

// A file that is left open closes when its handle becomes garbage, with a warning, and in later versions of Node with an error.
afterEach(() => expect(openFiles()).toEqual([]));

/** Opens a file and reads all of it. */
const readers = {
  safetensors: async (path: string) => {
    const file = await openSafetensors(path);
    try {
      for (const name of file.tensors.keys()) await file.read(name, { convert: true });
    } finally {
      await file.close();
    }
  },
  npz: async (path: string) => {
    const file = await openNpz(path);
    try {
      for (const name of file.names) await file.read(name, { convert: true });
    } finally {
      await file.close();
    }
  },
};

/** Whether the reader refuses the bytes; any other error than its own fails the test. */
async function isRefused(read: (path: string) => Promise<void>, bytes: Uint8Array): Promise<boolean> {
  const path = scratch("fuzzed");
  await writeFile(path, bytes);
  try {
    await read(path);
    return false;
  } catch (error) {
    if (error instanceof FileFormatError) return true;
    throw error;
  }
}

describe.each([
  ["ours.safetensors", readers.safetensors],
  ["stored.npz", readers.npz],
  ["deflated.npz", readers.npz],
] as const)("%s", (name, read) => {
  it("is refused wherever it is cut off", async () => {
    const whole = await readFile(fixture(name));
    const step = Math.max(1, Math.floor(whole.length / 200));
    for (let length = 0; length < whole.length; length += step) {
      expect(await isRefused(read, whole.subarray(0, length)), `cut to ${length} bytes`).toBe(true);
    }
  });

  it("with changed bytes is refused or read, without a crash and without much memory", async () => {
    const whole = await readFile(fixture(name));
    const next = uniformStream(7);
    const memory = process.memoryUsage().arrayBuffers;
    let refused = 0;
    for (let round = 0; round < 400; round++) {
      const changed = Uint8Array.from(whole);
      const changes = 1 + Math.floor(next() * 3);
      for (let i = 0; i < changes; i++) {
        const at = Math.floor(next() * changed.length);
        // Half of the changes flip a bit; the others set the bytes that are most likely to be taken for a size.
        if (next() < 0.5) changed[at] = (changed[at] as number) ^ (1 << Math.floor(next() * 8));
        else changed.fill([0, 0xff, 0x7f, 0x80][Math.floor(next() * 4)] as number, at, at + 1 + Math.floor(next() * 8));
      }
      if (await isRefused(read, changed)) refused++;
    }
    expect(refused).toBeGreaterThan(60);
    expect(process.memoryUsage().arrayBuffers - memory).toBeLessThan(2 ** 28);
  });
});
