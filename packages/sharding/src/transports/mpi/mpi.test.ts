import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { definitions } from "../../collectives/testing/definitions.ts";
import { isRunning } from "./is-running.ts";

/** How each family's launcher is told to run more ranks than there are cores, and to let ranks survive the death of one. */
const launchers = [
  // Hydra 4.0 kills the survivors whatever it is told.
  { name: "mpirun.mpich", library: "mpich", options: [], survive: undefined },
  {
    name: "mpirun.openmpi",
    library: "openmpi",
    options: ["--oversubscribe", "--allow-run-as-root", "--bind-to", "none"],
    survive: ["--enable-recovery"],
  },
] as const;

const isInstalled = (command: string) => spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
const installed = launchers.filter(({ name }) => isInstalled(name));
for (const { name } of launchers) {
  if (!installed.some((launcher) => launcher.name === name))
    process.stderr.write(`skipped: ${name} is not installed\n`);
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
let folder: string;

beforeAll(async () => {
  if (installed.length === 0) return;
  // Built once, because every rank would compile it again; inside the package, where its dependencies are found.
  folder = await mkdtemp(here("../../../node_modules/.mpi-test-"));
  await build({
    entry: {
      rank: here("./testing/rank.ts"),
      "collectives-rank": here("./testing/collectives-rank.ts"),
      "mpi-entry": here("./entry.ts"),
    },
    outDir: folder,
    format: "esm",
    target: "node20",
    external: ["koffi", "onnxruntime-node", /tfjs-core/],
    noExternal: [/@vitscale/, /tfjs-backend-cpu/, /protobufjs/],
    esbuildOptions(options) {
      options.conditions = ["@vitscale/source"];
    },
    config: false,
    silent: true,
  });
}, 60_000);

afterAll(async () => {
  if (folder) await rm(folder, { recursive: true });
});

interface Start {
  readonly ranks: number;
  readonly program?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
  /** Results of the ranks that returned, in order. */
  readonly results: readonly unknown[];
}

/** Starts ranks and waits for their end; `onOutput` sees what they print meanwhile. */
function launch(
  [command, ...options]: readonly [string, ...string[]],
  { ranks, program = "rank", args = [], env = {} }: Start,
  onOutput: (output: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Ended> {
  const child = spawn(
    command,
    [...options, "-n", `${ranks}`, process.execPath, join(folder, `${program}.js`), ...args],
    {
      env: { ...process.env, ...env },
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString();
      onOutput(output, (signal) => child.kill(signal));
    });
  }
  return new Promise((resolve) => {
    child.on("close", (code) => {
      const lines = output.split("\n").filter((line) => line.startsWith('{"rank"'));
      const ranked = lines.map((line) => JSON.parse(line) as { rank: number; result: unknown });
      const results = ranked.sort((a, b) => a.rank - b.rank).map(({ result }) => result);
      resolve({ code, output, results });
    });
  });
}

describe.each(installed)("ranks under $name", { timeout: 60_000 }, ({ name, library, options, survive }) => {
  const command = [name, ...options] as const;

  it("exchange messages of every size in order, name every mistake, and leak nothing in 20,000 messages", async () => {
    const { code, output, results } = await launch(command, { ranks: 4, args: ["messages"] });
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
      const { code, output, results } = await launch(command, { ranks, program: "collectives-rank" });
      expect(code, output).toBe(0);
      const refusal =
        "ranks 0 and 1 were started differently: rank 0 has configuration the same, rank 1 has configuration another. Start all " +
        "ranks with the same command, from the same installation";
      const right = 2 * 2 * Object.keys(definitions).length;
      expect(results).toEqual(Array.from({ length: ranks }, () => ({ right, wrong: [], refusal })));
    },
  );

  it("learn that one of them has ended, and why", async () => {
    const { code, output, results } = await launch(command, { ranks: 3, args: ["exit"] });
    expect(code, output).not.toBe(0);
    const reason = "RankLostError: rank 1 is lost: its process ended with code 3";
    expect(results, output).toEqual([reason, reason]);
  });

  it("end within 5 seconds when one of them is killed, knowing which, if the launcher lets them live", async () => {
    const { code, results, output } = await launch([...command, ...(survive ?? [])], { ranks: 3, args: ["kill"] });
    if (!survive) return expect(code).not.toBe(0);
    expect(results, output).toHaveLength(2);
    for (const { reason, seconds } of results as { reason: string; seconds: number }[]) {
      expect(reason).toMatch(/^RankLostError: rank 1 is lost: its process \d+ has ended$/);
      expect(seconds).toBeLessThan(5);
    }
  });

  it("do not wait for ever for one that does not come", async () => {
    const { code, output } = await launch(command, { ranks: 2, args: ["late start"] });
    expect(code).not.toBe(0);
    expect(output).toMatch(
      /MpiStartError: MPI did not start within 0\.5 s: not all of the 2 processes that mpirun of .* started have called connectMpi/,
    );
  });

  it("end when the launcher is told to", async () => {
    let isTold = false;
    const { output } = await launch(command, { ranks: 2, args: ["wait"] }, (output, kill) => {
      if (isTold || output.match(/"pid"/g)?.length !== 2) return;
      isTold = true;
      kill("SIGTERM");
    });
    expect(isTold, output).toBe(true);
    const alive = () => [...output.matchAll(/"pid":(\d+)/g)].filter(([, pid]) => isRunning(Number(pid)));
    await expect.poll(alive, { timeout: 5_000 }).toEqual([]);
  });

  it.skipIf(installed.length < 2)("refuse the library of another launcher", async () => {
    const other = library === "mpich" ? "openmpi" : "mpich";
    const { code, output } = await launch(command, { ranks: 2, args: ["nothing"], env: { VITSCALE_MPI: other } });
    expect(code).not.toBe(0);
    expect(output).toMatch(/MpiStartError: .* started 2 processes \(\w+=2\), but .* sees a world of 1/);
  });
});
