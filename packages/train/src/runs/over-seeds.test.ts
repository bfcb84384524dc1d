import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolders } from "../../test/temporary-folder.ts";
import { describeMachine } from "../machine.ts";
import { listRuns } from "./list.ts";
import { groupSeeds } from "./over-seeds.ts";
import { createRun } from "./record.ts";

const newFolder = temporaryFolders();

function finish(root: string, path: string, seed: number, config: object, losses: readonly number[]) {
  const facts = { name: path, config: { ...config, seed, name: path }, seed, source: null, engine: null };
  const folder = join(root, path);
  const run = createRun(folder, { ...facts, machine: describeMachine(), status: "running", step: 0, steps: 20 });
  for (const [i, loss] of losses.entries()) run.log(10 * (i + 1), { "train/loss": loss });
  run.evaluation("test", 20, { top1: losses.at(-1)! / 10 });
  run.update({ status: "finished", step: 20 });
}

it("gathers runs that differ by their seeds alone, with the last values of their metrics", () => {
  const root = newFolder();
  finish(root, "rate/rate=0.01-seed=1", 1, { learningRate: 0.01 }, [5, 2]);
  finish(root, "rate/rate=0.01-seed=0", 0, { learningRate: 0.01 }, [5, 3]);
  finish(root, "rate/rate=0.001-seed=0", 0, { learningRate: 0.001 }, [5, 4]);
  finish(root, "base/seed=3", 3, { learningRate: 0.01 }, [7]);

  expect(groupSeeds(listRuns(root))).toEqual([
    { path: "base", seeds: [3], metrics: { "train/loss": [7], "test/top1": [0.7] } },
    { path: "rate/rate=0.001", seeds: [0], metrics: { "train/loss": [4], "test/top1": [0.4] } },
    { path: "rate/rate=0.01", seeds: [0, 1], metrics: { "train/loss": [3, 2], "test/top1": [0.3, 0.2] } },
  ]);
});

it("puts numbers in names in the order of their values", () => {
  const root = newFolder();
  const names = ["1e-7", "0.001", "0.02", "0.1", "0.15", "2", "10"].map((rate) => `rate=${rate}-width=8`);
  const shifts = ["shift=-3", "shift=-0.5", "shift=2"];
  for (const name of [...names, ...shifts].sort()) finish(root, `${name}-seed=0`, 0, { name }, [1]);
  expect(groupSeeds(listRuns(root)).map(({ path }) => path)).toEqual([...names, ...shifts]);
});

it("gathers branches of runs that differ by their seeds", () => {
  const root = newFolder();
  const startOf = (seed: number) => ({ start: { kind: "branch", run: `runs/trunk-seed=${seed}`, step: 10 } });
  for (const seed of [0, 1]) finish(root, `branch-seed=${seed}`, seed, startOf(seed), [seed]);

  expect(groupSeeds(listRuns(root)).map(({ path, seeds }) => [path, seeds])).toEqual([["branch", [0, 1]]]);
});

it("keeps runs of one name apart that were trained otherwise, and leaves out what is not finished", () => {
  const root = newFolder();
  finish(root, "a-seed=0", 0, { steps: 20 }, [1]);
  finish(root, "a-seed=1", 1, { steps: 40 }, [1]);
  createRun(join(root, "a-seed=2"), {
    ...{ name: "a", config: { steps: 20, seed: 2 }, seed: 2, source: null, engine: null },
    ...{ machine: describeMachine(), status: "running", step: 0, steps: 20 },
  });

  expect(groupSeeds(listRuns(root)).map(({ path, seeds }) => [path, seeds])).toEqual([
    ["a", [0]],
    ["a", [1]],
  ]);
});
