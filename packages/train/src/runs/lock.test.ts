import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolders } from "../../test/temporary-folder.ts";
import { isRunLocked, lockRun } from "./lock.ts";

const newFolder = temporaryFolders();

it("is held by one at a time, and says by whom", async () => {
  const folder = join(newFolder(), "new/run");
  const lock = await lockRun(folder);
  expect(isRunLocked(folder)).toBe(true);
  await expect(lockRun(folder)).rejects.toThrow(
    new RegExp(
      `^${folder} is being written by process ${process.pid} on .+ \\(since 2.+Z\\); end it first, or give another --out$`,
    ),
  );
  lock.release();
  lock.release();
  expect(isRunLocked(folder)).toBe(false);
  expect(existsSync(join(folder, ".lock"))).toBe(false);
  (await lockRun(folder)).release();
});

it("goes to one of many who ask at the same time", async () => {
  const folder = newFolder();
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(folder)));
  const locks = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  expect(locks).toHaveLength(1);
  locks[0]!.release();
});

it("is kept from us by another process, and is free the moment that it is killed", async ({ skip }) => {
  const folder = newFolder();
  writeFileSync(join(folder, ".lock"), '{"pid":1,"host":"far","time":"2026-01-01T00:00:00Z"}\n');
  const child = spawn("flock", [join(folder, ".lock"), "sh", "-c", "echo held; exec cat"], { detached: true });
  await Promise.race([once(child.stdout, "data"), once(child, "error")]);
  if (child.pid === undefined) return skip("there is no flock command here");
  await expect(lockRun(folder)).rejects.toThrow("is being written by process 1 on far (since 2026-01-01T00:00:00Z)");
  process.kill(-child.pid, "SIGKILL");
  await once(child, "close");
  (await lockRun(folder)).release();
});

it("names a folder that cannot be written", async () => {
  const file = join(newFolder(), "file");
  writeFileSync(file, "");
  await expect(lockRun(join(file, "run"))).rejects.toThrow(`${join(file, "run")} cannot be written: ENOTDIR`);
});
