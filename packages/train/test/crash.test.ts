import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyOf, Random } from "@vitscale/data";
import { afterAll, beforeAll, expect, it } from "vitest";
import { resolveConfig } from "../src/config/train-config.ts";
import { formatDuration } from "../src/progress.ts";
import { train } from "../src/trainer.ts";
import { outcomeOf } from "./compare.ts";
import { type Failure, failDisk } from "./failing-disk.ts";
import { crashConfig } from "./tiny-config.ts";

const scratch = mkdtempSync(join(tmpdir(), "vitscale-crash-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const run = (folder: string) =>
  train(resolveConfig(crashConfig, "crash"), {
    out: folder,
    resume: true,
    stream: { write: () => true },
    peakFlops: 1e11,
  });

const isThorough = process.env.VITSCALE_CRASHES === "all";
const patience = isThorough ? 10_000_000 : 120_000;

let whole: Awaited<ReturnType<typeof outcomeOf>>;
let changes = 0;
beforeAll(async () => {
  const disk = failDisk(Number.POSITIVE_INFINITY, "killed");
  await run(join(scratch, "whole"));
  disk.repair();
  changes = disk.changes;
  whole = await outcomeOf(join(scratch, "whole"));
}, patience);

/** Says how far a thorough test is, and how long it will take. */
function progressOf(failure: Failure, total: number) {
  const began = performance.now();
  return (done: number) => {
    if (!isThorough || (done % 10 !== 0 && done !== total)) return;
    const left = (((performance.now() - began) / done) * (total - done)) / 1000;
    process.stderr.write(`${failure} at ${done} of ${total} changes of files; about ${formatDuration(left)} left\n`);
  };
}

/*
 * Every change to the disk is a moment between two files, or in the middle of one. The moments here are a sample, another in every test run;
 * VITSCALE_CRASHES=all tries all of them, in all three ways, which takes a quarter of an hour.
 */
it.each(["killed", "torn", "full"] as const)(
  "a run that is %s wherever a file is changed ends, when it is resumed, as if nothing had been",
  async (failure: Failure) => {
    expect(changes).toBeGreaterThan(40);
    const random = new Random(keyOf(Date.now()));
    const sample = Array.from({ length: 2 }, () => random.integer(changes));
    const moments = isThorough ? Array.from({ length: changes }, (_, i) => i) : [...new Set(sample)];
    const tell = progressOf(failure, moments.length);
    for (const [done, moment] of moments.entries()) {
      const folder = join(scratch, `${failure}-${moment}`);
      const disk = failDisk(moment, failure);
      // The very last change is the end of the lock, which nothing depends on.
      const error: unknown = await run(folder).then(() => "none", String);
      disk.repair();
      const context = `${failure} at change ${moment} of ${changes}`;
      if (moment < changes - 1) expect(error, context).toContain(failure === "full" ? "ENOSPC" : "EIO");
      await run(folder);
      expect(await outcomeOf(folder), context).toEqual(whole);
      rmSync(folder, { recursive: true });
      tell(done + 1);
    }
  },
  patience,
);
