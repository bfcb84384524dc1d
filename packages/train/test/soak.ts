/*
 * Kills a run as often as asked, and compares what it ends with to an undisturbed one. Every other kill comes at a random moment; the
 * others when a file of the run has just been changed, which meets half-written checkpoints and the moments between two files.
 *
 *     node --conditions=@vitscale/source --import tsx test/soak.ts 60
 *
 * When the run is finished before all kills are done, another begins.
 */
import { deepStrictEqual } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, watch } from "node:fs";
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

/** Counts changes of files in a folder, and resolves at one of them. */
function changesIn(folder: string, at = Number.POSITIVE_INFINITY) {
  let count = 0;
  mkdirSync(folder, { recursive: true });
  let reach: (file: string) => void;
  const reached = new Promise<string>((resolve) => {
    reach = resolve;
  });
  const watcher = watch(folder, { recursive: true }, (_, file) => {
    count += 1;
    if (count === at) reach(`${file}`);
  });
  return { reached, count: () => count, close: () => watcher.close() };
}

const whole = join(scratch, "whole");
const began = performance.now();
const all = changesIn(whole);
await start(whole).ended;
all.close();
// From before the first file to after the last.
const longest = 1.2 * (performance.now() - began);
const expected = await outcomeOf(whole);

let done = 0;
let runs = 0;
const hit = new Map<string, number>();
for (; done < kills; runs++) {
  const folder = join(scratch, `run-${runs}`);
  for (;;) {
    const isTimed = done % 2 === 0;
    const changes = changesIn(folder, isTimed ? undefined : 1 + Math.floor((all.count() / 3) * Math.random()));
    const program = start(folder);
    const late = isTimed ? sleep(longest * Math.random(), "a random moment") : changes.reached;
    const where = done < kills && (await Promise.race([program.ended.then(() => false as const), late]));
    if (where !== false) {
      program.child.kill("SIGKILL");
      done += 1;
      const kind = where.replaceAll(/\d{8}/g, "N").replace(/\.\d+-\w+\.partial$/, ".partial");
      hit.set(kind, 1 + (hit.get(kind) ?? 0));
    }
    const { code, output } = await program.ended;
    changes.close();
    if (where !== false) continue;
    if (code !== 0) throw new Error(`run ${runs} failed after ${done} kills:\n${output}`);
    break;
  }
  deepStrictEqual(await outcomeOf(folder), expected);
  process.stdout.write(
    `run ${runs}: ${done} kills so far, resumed from ${readRunInfo(folder).resumed.map(({ step }) => step)}\n`,
  );
}
process.stdout.write(`${done} kills in ${runs} runs: all ended as the undisturbed one\n`);
for (const [kind, count] of hit) process.stdout.write(`  ${count} at ${kind}\n`);
rmSync(scratch, { recursive: true });
