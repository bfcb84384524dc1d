import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { makeFolder } from "./make-folder.ts";

const scratch = mkdtempSync(join(tmpdir(), "vitscale-folder-"));
afterAll(() => rmSync(scratch, { recursive: true }));

it("makes what is missing, and nothing where it is there", () => {
  const deep = join(scratch, "a", "b", "c");
  makeFolder(deep);
  makeFolder(deep);
  expect(statSync(deep).isDirectory()).toBe(true);
});

it("says what is in the way", () => {
  const file = join(scratch, "file");
  writeFileSync(file, "");
  expect(() => makeFolder(join(file, "inside"))).toThrow("ENOTDIR");
  expect(() => makeFolder(file)).toThrow(`EEXIST: file already exists, mkdir '${file}'`);
});

it.runIf(existsSync("/proc/self"))("ends where a file system denies that its folders exist", () => {
  expect(() => makeFolder("/proc/vitscale/run")).toThrow("ENOENT");
});
