import fs from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

/**
 * How the disk fails at a change: `killed` and `torn` as if the process was killed before it or in the middle of it, so that nothing
 * reaches the disk any more; `full` as if there was no space left, so that only what needs none still works.
 */
export type Failure = "killed" | "torn" | "full";

/** A disk that counts the changes that this process makes, and fails at one of them. */
export interface FailingDisk {
  /** Changes so far. */
  readonly changes: number;
  /** Makes the disk whole again. */
  repair(): void;
}

type Operation = (...parameters: never[]) => unknown;
type Functions = Record<string, Operation>;

/** Changes that need no space. */
const freeing = new Set(["rmSync", "unlink", "renameSync", "rename", "ftruncateSync", "truncateSync", "fsyncSync"]);

/**
 * Replaces the functions of `node:fs` that change something, for every module of the process.
 *
 * @param at number of the change that fails, from 0; Infinity only counts
 */
export function failDisk(at: number, failure: Failure): FailingDisk {
  let changes = 0;
  const repairs: (() => void)[] = [];

  /** The function, judged at every call; `half` does a part of what it would do. */
  const judged =
    (name: string, original: Operation, half?: Operation): Operation =>
    (...parameters) => {
      const number = changes++;
      if (number < at || (failure === "full" && freeing.has(name))) return original(...parameters);
      if (failure === "torn" && number === at) half?.(...parameters);
      const code = failure === "full" ? "ENOSPC" : "EIO";
      throw Object.assign(new Error(`${code}: the disk failed at change ${number} (${name})`), { code });
    };
  const replace = (target: object, name: string, half?: (original: Operation) => Operation) => {
    const functions = target as Functions;
    const original = (functions[name] as Operation).bind(target);
    const own = Object.hasOwn(functions, name) ? functions[name] : undefined;
    functions[name] = judged(name, original, half?.(original));
    repairs.push(() => {
      if (own === undefined) delete functions[name];
      else functions[name] = own;
    });
  };

  const halfContent = (original: Operation) =>
    ((file: never, content: Uint8Array | string, options: never) =>
      original(file, content.slice(0, content.length / 2) as never, options)) as Operation;
  const halfPart = (original: Operation) =>
    ((bytes: Uint8Array) => original(bytes.subarray(0, bytes.length / 2) as never)) as Operation;

  for (const name of ["renameSync", "rmSync", "mkdirSync", "truncateSync", "ftruncateSync", "fsyncSync"])
    replace(fs, name);
  for (const name of ["rename", "unlink"]) replace(promises, name);
  // appendFileSync ends in writeFileSync.
  for (const name of ["writeFileSync", "writeSync"]) replace(fs, name, halfContent);
  const open = promises.open.bind(promises);
  replace(promises, "open");
  const judgedOpen = promises.open;
  promises.open = async (path, flags, mode) => {
    if (flags === undefined || flags === "r") return open(path, flags, mode);
    const handle = await judgedOpen(path, flags, mode);
    replace(handle, "write", halfPart);
    replace(handle, "sync");
    return handle;
  };
  syncBuiltinESMExports();
  return {
    get changes() {
      return changes;
    },
    repair() {
      for (const repair of repairs.reverse()) repair();
      promises.open = open;
      syncBuiltinESMExports();
    },
  };
}
