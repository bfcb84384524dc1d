import { randomBytes } from "node:crypto";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Communicator, gatherValues } from "@vitscale/sharding";
import { cannotBeWritten } from "../file-errors.ts";
import { makeFolder } from "../make-folder.ts";

/** Until a file that another host has just written is seen, network file systems may take this long. */
const longestMs = 5_000;
const pauseMs = 100;

/**
 * Makes sure that the folder of a run is one that all ranks see, so that the checkpoints that they write together are in one place. All
 * ranks call it; the first makes the folder where it is not there.
 *
 * @throws Error on every rank, naming the first rank that sees another folder, or why the folder cannot be written.
 */
export async function requireSharedFolder(
  communicator: Communicator,
  folder: string,
  { patienceMs = longestMs } = {},
): Promise<void> {
  const isFirst = communicator.rank === 0;
  const mark = `.ranks-${randomBytes(8).toString("hex")}`;
  const [written] = await gatherValues(communicator, "mark in the folder", isFirst ? write(folder, mark) : null);
  if (written?.problem !== undefined) throw new Error(written.problem);
  const path = join(folder, written?.mark ?? "");
  try {
    const seen = await gatherValues(
      communicator,
      "sight of the mark",
      (await appears(path, patienceMs)) ? null : hostname(),
    );
    const other = seen.findIndex((host) => host !== null);
    if (other >= 0) {
      throw new Error(
        `rank ${other} on ${seen[other]} does not see in ${folder} what rank 0 wrote there; give an --out that is on a file system ` +
          "of all hosts, because ranks write checkpoints together",
      );
    }
  } finally {
    if (isFirst) rmSync(path, { force: true });
  }
}

function write(folder: string, mark: string): { readonly mark?: string; readonly problem?: string } {
  try {
    makeFolder(folder);
    writeFileSync(join(folder, mark), "");
    return { mark };
  } catch (error) {
    return { problem: cannotBeWritten(folder, error).message };
  }
}

async function appears(path: string, patienceMs: number): Promise<boolean> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await sleep(pauseMs)) {
    if (existsSync(path)) return true;
  }
  return existsSync(path);
}
