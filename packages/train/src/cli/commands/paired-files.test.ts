import { mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostTensor, saveNpz } from "@vitscale/core";
import { expect, it } from "vitest";
import { pairings, readPaired } from "./paired-files.ts";

/** Files of a folder that this process has open; Linux lists them. */
function openFiles(folder: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      // The descriptor of this very listing is closed by now.
      return [];
    }
  });
}

it.skipIf(process.platform !== "linux")("closes the second file where nobody reads on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "vitscale-paired-"));
  try {
    const paths = ["own.npz", "other.npz"].map((name) => join(folder, name));
    for (const path of paths) await saveNpz(path, { features: hostTensor("float32", [2, 2], new Float32Array(4)) });
    for await (const { name } of readPaired({ path: paths[0]! }, pairings.train, paths[1]!)) {
      expect(name).toBe(paths[0]);
      expect(openFiles(folder)).toContain(paths[1]);
      break;
    }
    expect(openFiles(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
