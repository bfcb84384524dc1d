import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { insidePath, readText } from "./inside.ts";

describe("insidePath", () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "inside-")));
  const folder = join(root, "run");
  mkdirSync(join(folder, "media"), { recursive: true });
  writeFileSync(join(folder, "media/a.png"), "picture");
  writeFileSync(join(root, "secret.png"), "secret");
  symlinkSync(join(root, "secret.png"), join(folder, "media/link.png"));
  symlinkSync(root, join(folder, "up"));
  symlinkSync("a.png", join(folder, "media/own.png"));
  afterAll(() => rmSync(root, { recursive: true }));

  it("finds what is inside, also through a link that stays inside", async () => {
    expect(await insidePath(folder, "media/a.png")).toBe(join(folder, "media/a.png"));
    expect(await insidePath(folder, "media/own.png")).toBe(join(folder, "media/a.png"));
  });

  it.each([
    "../secret.png",
    "media/../../secret.png",
    "media/../media/a.png",
    "./media/a.png",
    "media//a.png",
    "/etc/passwd",
    "media/link.png",
    "up/secret.png",
    "..\\secret.png",
    "media/a.png\0.png",
    "%2e%2e/secret.png",
    "..",
    "",
    "media/absent.png",
  ])("refuses %j", async (path) => {
    expect(await insidePath(folder, path)).toBeUndefined();
  });

  it("opens no link and no folder as a file", async () => {
    await expect(readText(join(folder, "media/link.png"), 100)).rejects.toThrow("ELOOP");
    await expect(readText(folder, 100)).rejects.toThrow("no regular file");
    await expect(readText(join(folder, "media/a.png"), 3)).rejects.toThrow("7 bytes, more than 3");
  });
});
