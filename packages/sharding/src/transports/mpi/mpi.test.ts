import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { definitions } from "../../collectives/testing/definitions.ts";
import { isRunning } from "./processes.ts";
import {
  buildPrograms,
  installedLaunchers,
  type Launcher,
  launch as launchRanks,
  type Start,
} from "./testing/launchers.ts";

const installed = installedLaunchers();
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
let folder: string;

beforeAll(async () => {
  if (installed.length === 0) return;
  const entries = { rank: here("./testing/rank.ts"), "collectives-rank": here("./testing/collectives-rank.ts") };
  folder = await buildPrograms(here("../../../node_modules"), entries);
}, 60_000);

afterAll(async () => {
  if (folder) await rm(folder, { recursive: true });
});

/** Starts ranks of a program, and collects the results of those that returned, in order. */
async function launch(
  launcher: Pick<Launcher, "name" | "options">,
  { program = "rank", ...start }: Omit<Start, "program"> & { readonly program?: string },
  onOutput?: Parameters<typeof launchRanks>[2],
) {
  const ended = await launchRanks(launcher, { ...start, program: join(folder, `${program}.js`) }, onOutput);
  const lines = ended.output.split("\n").filter((line) => line.startsWith('{"rank"'));
  const ranked = lines.map((line) => JSON.parse(line) as { rank: number; result: unknown });
  const results = ranked.sort((a, b) => a.rank - b.rank).map(({ result }) => result);
  return { ...ended, results };
}

describe.each(installed)("ranks under $name", { timeout: 60_000 }, (launcher) => {
  it("exchange messages of every size in order, name every mistake, and leak nothing in 20,000 messages", async () => {
    const { code, output, results } = await launch(launcher, { ranks: 4, args: ["messages"] });
    expect(code, output).toBe(0);
    const of = (key: string) => (results as Record<string, unknown>[]).map((result) => result[key]);
    // After three hops rank r holds where its list has been: r − 3, r − 2, r − 1, r.
    const lists = [0, 1, 2, 3].map((r) => [(r + 1) % 4, (r + 2) % 4, (r + 3) % 4, r]);
    expect(of("ring")).toEqual(lists);
    expect(of("blocking")).toEqual(lists);
    expect(of("order")[1]).toEqual([1, 2, 9]);
    expect(of("long")).toEqual([0, 0, 0, 0]);
    const both = (expects: number, [a, b]: string[]) =>
      `MismatchError: ranks ${expects} and ${1 - expects} do not do the same: rank ${expects} expects "${a}", but rank ${1 - expects} ` +
      `sends "${b}". Every rank must call the same collectives in the same order with matching shapes`;
    const sides = [
      ["all-gather of a (8 bytes)", "all-reduce of b (8 bytes)"],
      ["all-gather of a (4096 bytes)", "all-reduce of b (8192 bytes)"],
    ];
    expect(of("disagree")[0]).toEqual(sides.map((side) => both(0, side)));
    expect(of("disagree")[1]).toEqual(sides.map((side) => both(1, side.toReversed())));
    expect(of("late")[2]).toMatch(/^LateError: rank 2 waited 0.03 s for rank 3 in "never"/);
    for (const growth of of("growth")) expect(growth).toBeLessThan(16);
    expect(of("leave")).toEqual([
      [3, 0],
      [],
      { list: [1, 2], isLong: true, more: "RankLostError: rank 1 is lost: its program has ended" },
      [2, 3],
    ]);
  });

  it.each([2, 4])(
    "carry out every collective, blocking and compiled, on %i ranks",
    { timeout: 60_000 },
    async (ranks) => {
      const { code, output, results } = await launch(launcher, { ranks, program: "collectives-rank" });
      expect(code, output).toBe(0);
      const refusal =
        "ranks 0 and 1 were started differently: rank 0 has configuration the same, rank 1 has configuration another. Start all " +
        "ranks with the same command, from the same installation";
      const right = 2 * 2 * Object.keys(definitions).length;
      expect(results).toEqual(Array.from({ length: ranks }, () => ({ right, wrong: [], refusal })));
    },
  );

  it("learn that one of them has ended, and why", async () => {
    const { code, output, results } = await launch(launcher, { ranks: 3, args: ["exit"] });
    expect(code, output).not.toBe(0);
    const reason = "RankLostError: rank 1 is lost: its process ended with code 3";
    expect(results, output).toEqual([reason, reason]);
  });

  it("end within 5 seconds when one of them is killed, knowing which, if the launcher lets them live", async () => {
    const { name, options, survive } = launcher;
    const { code, results, output } = await launch(
      { name, options: [...options, ...survive] },
      { ranks: 3, args: ["kill"] },
    );
    if (survive.length === 0) return expect(code).not.toBe(0);
    expect(results, output).toHaveLength(2);
    for (const { reason, seconds } of results as { reason: string; seconds: number }[]) {
      expect(reason).toMatch(/^RankLostError: rank 1 is lost: its process \d+ has ended$/);
      expect(seconds).toBeLessThan(5);
    }
  });

  it.each(["late start", "late start, caught"])("do not wait for ever for one that does not come: %s", async (name) => {
    const released = join(folder, `released: ${launcher.name}, ${name}`);
    const { code, output } = await launch(launcher, { ranks: 2, args: [name, released] }, (text) => {
      if (text.includes("MpiStartError")) writeFileSync(released, "");
    });
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /MpiStartError: MPI did not start within 0\.5 s: not all of the 2 processes that mpirun of .* started have called connectMpi/,
    );
  });

  it.each(["death before starting", "death while starting"])(
    "do not wait for one that was killed before they met: %s",
    async (name) => {
      const { options, survive } = launcher;
      const released = join(folder, `released: ${launcher.name}, ${name}`);
      const start = { ranks: 3, args: [name, released] };
      const { code, output } = await launch(
        { name: launcher.name, options: [...options, ...survive] },
        start,
        (text) => {
          if (text.includes("MpiStartError")) writeFileSync(released, "");
        },
      );
      if (survive.length === 0) return expect(code).not.toBe(0);
      // Who learns it late may see that others have ended of it.
      expect(output).toMatch(/MpiStartError: ranks? 1\b.* ended before all ranks had met/);
      expect(output).not.toContain("did not start within");
    },
  );

  it("end when the launcher is told to", async () => {
    let isTold = false;
    const { output } = await launch(launcher, { ranks: 2, args: ["wait"] }, (output, kill) => {
      if (isTold || output.match(/"pid"/g)?.length !== 2) return;
      isTold = true;
      kill("SIGTERM");
    });
    expect(isTold, output).toBe(true);
    const alive = () => [...output.matchAll(/"pid":(\d+)/g)].filter(([, pid]) => isRunning(Number(pid)));
    await expect.poll(alive, { timeout: 5_000 }).toEqual([]);
  });

  it.skipIf(installed.length < 2)("refuse the library of another launcher", async () => {
    const other = launcher.library === "mpich" ? "openmpi" : "mpich";
    const { code, output } = await launch(launcher, { ranks: 2, args: ["nothing"], env: { VITSCALE_MPI: other } });
    expect(code).not.toBe(0);
    expect(output).toMatch(/MpiStartError: .* started 2 processes \(\w+=2\), but .* sees a world of 1/);
  });
});
