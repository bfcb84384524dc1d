/*
 * Kills a run as often as asked, and compares what it ends with to an undisturbed one. Every other kill comes at a random moment, also while
 * the program starts; the others when a file of the run has just been changed.
 *
 *     node --conditions=@vitscale/source --import tsx test/soak.ts 60
 *
 * When the run is finished before all kills are done, another begins.
 */
import { deepStrictEqual } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRunInfo } from "../src/runs/info.ts";
import { outcomeOf } from "./compare.ts";
import { changesIn, killOnce, type Moment } from "./kill.ts";

const kills = Number(process.argv[2] ?? 20);
const config = join(import.meta.dirname, "tiny-config.ts");
const scratch = mkdtempSync(join(tmpdir(), "vitscale-soak-"));

const whole = join(scratch, "whole");
const began = performance.now();
const all = changesIn(whole);
await killOnce([config], whole);
all.close();
// From before the first file to after the last.
const longest = 1.2 * (performance.now() - began);
const expected = await outcomeOf(whole);

let done = 0;
let runs = 0;
const hit = new Map<string, number>();
const nextMoment = (): Moment | undefined => {
  if (done === kills) return undefined;
  if (done % 2 === 0) return { kind: "time", ms: longest * Math.random() };
  return { kind: "change", number: 1 + Math.floor((all.count() / 3) * Math.random()) };
};
for (; done < kills; runs++) {
  const folder = join(scratch, `run-${runs}`);
  for (;;) {
    const { where, code, output } = await killOnce([config], folder, nextMoment());
    if (where === undefined && code !== 0) throw new Error(`run ${runs} failed after ${done} kills:\n${output}`);
    if (where === undefined) break;
    done += 1;
    hit.set(where, 1 + (hit.get(where) ?? 0));
  }
  deepStrictEqual(await outcomeOf(folder), expected);
  process.stdout.write(
    `run ${runs}: ${done} kills so far, resumed from ${readRunInfo(folder).resumed.map(({ step }) => step)}\n`,
  );
}
process.stdout.write(`${done} kills in ${runs} runs: all ended as the undisturbed one\n`);
for (const [kind, count] of hit) process.stdout.write(`  ${count} at ${kind}\n`);
rmSync(scratch, { recursive: true });
