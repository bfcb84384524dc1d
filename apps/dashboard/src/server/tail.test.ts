import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { tailFile } from "./tail.ts";

describe("tailFile", () => {
  const folder = mkdtempSync(join(tmpdir(), "tail-"));
  const path = join(folder, "metrics.jsonl");
  afterAll(() => rmSync(folder, { recursive: true }));
  let lines: string[];
  const follow = (tail: ReturnType<typeof tailFile>) =>
    tail.read(
      (line) => lines.push(line),
      () => lines.push("restart"),
    );
  beforeEach(() => {
    lines = [];
  });

  it("reads only what is new, and no line before its end", async () => {
    writeFileSync(path, "one\ntw");
    const tail = tailFile(path);
    expect(await follow(tail)).toEqual({ restarted: false, pending: 2 });
    appendFileSync(path, "o\nthree\n");
    expect(await follow(tail)).toEqual({ restarted: false, pending: 0 });
    await follow(tail);
    expect(lines).toEqual(["one", "two", "three"]);
  });

  it("begins again when the file became shorter, also when it has grown since", async () => {
    writeFileSync(path, "one\ntwo\nthree\n");
    const tail = tailFile(path);
    await follow(tail);
    truncateSync(path, 4);
    appendFileSync(path, "zwei\ndrei\nvier\n");
    expect(await follow(tail)).toEqual({ restarted: true, pending: 0 });
    expect(lines).toEqual(["one", "two", "three", "restart", "one", "zwei", "drei", "vier"]);
  });

  it("begins again when another file takes its place", async () => {
    writeFileSync(path, "one\n");
    const tail = tailFile(path);
    await follow(tail);
    writeFileSync(`${path}.new`, "one\ntwo\n");
    renameSync(`${path}.new`, path);
    await follow(tail);
    expect(lines).toEqual(["one", "restart", "one", "two"]);
  });

  it("reads characters and lines that lie across its buffer's end whole", async () => {
    const long = `${"x".repeat((1 << 20) - 2)}äöü€`;
    writeFileSync(path, `${long}\n${"y".repeat(3 << 20)}\nshort\n`);
    await follow(tailFile(path));
    expect(lines.map(({ length }) => length)).toEqual([long.length, 3 << 20, 5]);
    expect(lines[0]).toBe(long);
  });

  it("fails where there is no file, and finds it later", async () => {
    const tail = tailFile(join(folder, "late"));
    await expect(follow(tail)).rejects.toThrow("ENOENT");
    writeFileSync(join(folder, "late"), "now\n");
    await follow(tail);
    expect(lines).toEqual(["now"]);
  });
});
