import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { koffi, loadNativeLibrary } from "@vitscale/core/native-libraries";
import { cannotBeWritten } from "../file-errors.ts";
import { makeFolder } from "../make-folder.ts";
import { runPaths } from "./info.ts";

/** The right to write into the folder of a run. */
export interface RunLock {
  /** Gives it back. Doing so twice is harmless; so is not doing it, because the right ends with the process. */
  release(): void;
}

/** Operations of flock(2); the numbers are those of Linux and macOS. */
const shared = 1;
const exclusive = 2;
const immediately = 4;

/** Tries before a lock counts as held: whoever lists runs holds one for an instant. */
const tries = 5;
const pauseMs = 50;

/**
 * Takes the right to write into a run's folder, which one process has at a time; makes the folder where it is not there.
 *
 * The system's own lock (flock) is used: it ends with its process, so nothing has to be judged or cleaned up after a kill. Windows,
 * and file systems that know no such locks, go without; so does a machine on which koffi does not load, with a warning.
 *
 * @throws Error naming the process that has it, or why the folder cannot be written.
 */
export async function lockRun(folder: string): Promise<RunLock> {
  const path = runPaths(folder).lock;
  for (let attempt = 1; ; attempt++) {
    const file = openLock(folder, path);
    if (tryLock(file, exclusive)) {
      // Between open and lock, the holder before may have removed this very file.
      if (isSameFile(file, path)) return heldLock(file, folder, path);
      closeSync(file);
      continue;
    }
    closeSync(file);
    if (attempt === tries)
      throw new Error(`${folder} is being written by ${holder(path)}; end it first, or give another --out`);
    await sleep(pauseMs);
  }
}

/** Whether a process holds the right to write into a run's folder now. Undefined where that cannot be told. */
export function isRunLocked(folder: string): boolean | undefined {
  if (findFlock() === undefined) return undefined;
  let file: number;
  try {
    file = openSync(runPaths(folder).lock, "r");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? false : undefined;
  }
  try {
    return !tryLock(file, shared);
  } finally {
    closeSync(file);
  }
}

function openLock(folder: string, path: string): number {
  try {
    makeFolder(folder);
    return openSync(path, "a+");
  } catch (error) {
    throw cannotBeWritten(folder, error);
  }
}

/** Signs the file and gives the lock on it. */
function heldLock(file: number, folder: string, path: string): RunLock {
  let held = true;
  const release = () => {
    if (!held) return;
    held = false;
    try {
      rmSync(path, { force: true });
    } catch {
      // A disk that has gone bad keeps the file; only the lock on it counts.
    }
    closeSync(file);
  };
  try {
    ftruncateSync(file);
    writeSync(file, `${JSON.stringify({ pid: process.pid, host: hostname(), time: new Date().toISOString() })}\n`);
  } catch (error) {
    release();
    throw cannotBeWritten(folder, error);
  }
  return { release };
}

/** False when another holds the lock; true when it is ours, or there are no locks here. */
function tryLock(file: number, mode: number): boolean {
  const flock = findFlock();
  if (flock === undefined || flock(file, mode | immediately) === 0) return true;
  return koffi().errno() !== koffi().os.errno.EWOULDBLOCK;
}

type Flock = (file: number, operation: number) => number;
let found: { readonly flock: Flock | undefined } | undefined;

/** flock(2) of the C library that this process runs on, of which Node has no binding; undefined where it cannot be called. */
function findFlock(): Flock | undefined {
  found ??= { flock: process.platform === "win32" ? undefined : loadFlock() };
  return found.flock;
}

function loadFlock(): Flock | undefined {
  try {
    return loadNativeLibrary(null).func("int flock(int file, int operation)") as Flock;
  } catch (error) {
    const { message } = error as Error;
    process.emitWarning(`nothing keeps two processes from writing one run at the same time: ${message}`);
    return undefined;
  }
}

function isSameFile(file: number, path: string): boolean {
  const named = statSync(path, { throwIfNoEntry: false });
  const { dev, ino } = fstatSync(file);
  return named?.dev === dev && named.ino === ino;
}

function holder(path: string): string {
  try {
    const { pid, host, time } = JSON.parse(readFileSync(path, "utf8"));
    return `process ${pid} on ${host} (since ${time})`;
  } catch {
    return "another process";
  }
}
