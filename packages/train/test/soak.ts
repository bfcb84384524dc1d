/*
 * Kills a run at random moments, as often as asked, and compares what it ends with to an undisturbed one.
 *
 *     node --conditions=@vitscale/source --import tsx test/soak.ts 50
 *
 * When the run is finished before all kills are done, another begins.
 */
import { deepStrictEqual } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readRunInfo } from "../src/runs/info.ts";
import { outcomeOf } from "./compare.ts";
import { startProgram } from "./program.ts";

const kills = Number(process.argv[2] ?? 20);
const config = join(import.meta.dirname, "tiny-config.ts");
const scratch = mkdtempSync(join(tmpdir(), "vitscale-soak-"));
const start = (folder: string) => startProgram("train", config, "--out", folder, "--resume");

const whole = join(scratch, "whole");
const began = performance.now();
await start(whole).ended;
// From before the first file to after the last.
const longest = 1.2 * (performance.now() - began);
const expected = await outcomeOf(whole);

let done = 0;
let runs = 0;
for (; done < kills; runs++) {
  const folder = join(scratch, `run-${runs}`);
  for (;;) {
    const program = start(folder);
    const isKilled =
      done < kills && (await Promise.race([program.ended, sleep(longest * Math.random(), "late")])) === "late";
    if (isKilled) {
      program.child.kill("SIGKILL");
      done += 1;
    }
    const { code, output } = await program.ended;
    if (isKilled) continue;
    if (code !== 0) throw new Error(`run ${runs} failed after ${done} kills:\n${output}`);
    break;
  }
  deepStrictEqual(await outcomeOf(folder), expected);
  process.stdout.write(
    `run ${runs}: ${done} kills so far, resumed from ${readRunInfo(folder).resumed.map(({ step }) => step)}\n`,
  );
}
process.stdout.write(`${done} kills in ${runs} runs: all ended as the undisturbed one\n`);
rmSync(scratch, { recursive: true });
