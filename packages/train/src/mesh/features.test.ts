import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generatedShapes } from "@vitscale/data";
import { vit22b, vitG } from "@vitscale/vit";
import { describe, expect, it, vi } from "vitest";
import { endsOf, expectSameLosses, lossesOf, trainAlone, trainOnRanks } from "../../test/mesh-runs.ts";
import { temporaryFolders } from "../../test/temporary-folder.ts";
import { resolveConfig, type TrainConfig } from "../config/train-config.ts";
import { readRunInfo } from "../runs/info.ts";
import { readEvents, readMetrics } from "../runs/rows.ts";

// Several ranks in one thread of a machine that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const newFolder = temporaryFolders();

const configOf = (changes: Partial<TrainConfig>) =>
  resolveConfig(
    {
      model: vit22b("mu/4", { imageSide: 8, classes: 16, width: 32, heads: 4, mlpWidth: 64, depth: 1 }),
      data: { source: generatedShapes({ length: 32, side: 8 }) },
      loader: { workers: 0 },
      ...{ batchSize: 8, steps: 4, learningRate: 3e-3, schedule: { kind: "constant" }, logEverySteps: 1 },
      checkpoints: { everySteps: 2 },
      ...changes,
    },
    "test",
  );

/** Values of the rows that are not of time or memory, by step and name. */
const valuesOf = (folder: string) =>
  readMetrics(folder).flatMap(({ step, metrics }) =>
    Object.entries(metrics).flatMap(([name, value]) => (/^(time|memory)\//.test(name) ? [] : [[step, name, value]])),
  ) as [number, string, number][];

describe("on a mesh, as on one rank,", () => {
  it("Adafactor factors what ranks have parts of, micro-batches are added up, steps are observed, and suites judge", async () => {
    const config = configOf({
      // Narrow matrices too: cut along the longest axis, the second, or both.
      optimizer: { kind: "adafactor", smallestFactoredSide: 8, weightDecay: 0.05 },
      microBatches: 2,
      averaging: { decay: 0.9 },
      stability: { observeEverySteps: 2 },
      evaluations: {
        // The last batch has 4 images and as many places without.
        validation: {
          data: { source: generatedShapes({ length: 12, side: 8, seed: 1 }) },
          everySteps: 2,
          suites: ["calibration"],
        },
      },
    });
    const [alone, shared] = [newFolder(), newFolder()];
    await trainAlone(config, alone);
    expect(endsOf(await trainOnRanks(config, shared, { data: 2, model: 2 }, { stopAt: 3 }))).toContain(
      "interrupted at 3",
    );
    expect(endsOf(await trainOnRanks(config, shared, { data: 1, model: 2 }, { resume: true }))[0]).toBe(
      "finished at 4",
    );
    expectSameLosses(shared, lossesOf(alone));

    const [expected, values] = [valuesOf(alone), valuesOf(shared)];
    expect(values.map(([step, name]) => [step, name])).toEqual(expected.map(([step, name]) => [step, name]));
    expect(expected.map(([, name]) => name)).toEqual(
      expect.arrayContaining([
        "diagnostics/attention-logit/encoder/block00",
        "diagnostics/attention-entropy/encoder/block00",
        "diagnostics/activation-rms/tokens",
        "diagnostics/update-norm/head",
        "validation-calibration/accuracy",
      ]),
    );
    for (const [row, [step, name, value]] of expected.entries()) {
      // The bias of the pool's keys has no gradient but rounding, to which Adafactor gives the length of any other.
      const tolerance = name === "diagnostics/update-norm/pool" ? 1e-2 : 1e-4;
      const difference = Math.abs(values[row]![2] - value);
      expect(difference, `${name} of step ${step}`).toBeLessThan(tolerance * Math.abs(value) + 1e-6);
    }
    const tablesOf = (folder: string) =>
      JSON.parse(readFileSync(join(folder, "evals", "validation-calibration-00000004.json"), "utf8")).tables;
    expect(tablesOf(shared).map(({ title }: { title: string }) => title)).toEqual(
      tablesOf(alone).map(({ title }: { title: string }) => title),
    );
  });

  it("an MLP narrower than the model sums what goes in and gathers what comes out", async () => {
    const model = vitG("mu/4", { imageSide: 8, classes: 16, width: 32, heads: 4, mlpWidth: 16, depth: 1 });
    const config = configOf({ model, steps: 2 });
    const [alone, shared] = [newFolder(), newFolder()];
    await trainAlone(config, alone);
    expect(endsOf(await trainOnRanks(config, shared, { data: 1, model: 4 }))[0]).toBe("finished at 2");
    expectSameLosses(shared, lossesOf(alone));
  });

  it("a student learns from a teacher, and everything observed inside it is that of the whole", async () => {
    const teacher = newFolder();
    await trainAlone(configOf({ steps: 2, seed: 1 }), teacher);
    const config = configOf({
      loss: { kind: "distillation", temperature: 2 },
      teacher: { kind: "run", run: teacher },
      stability: { observeEverySteps: 1 },
      steps: 2,
    });
    const [alone, shared] = [newFolder(), newFolder()];
    await trainAlone(config, alone);
    expect(endsOf(await trainOnRanks(config, shared, { data: 2, model: 2 }))[0]).toBe("finished at 2");
    const [expected, values] = [valuesOf(alone), valuesOf(shared)];
    expect(values).toHaveLength(expected.length);
    for (const [row, [step, name, value]] of expected.entries()) {
      expect(Math.abs(values[row]![2] - value), `${name} of step ${step}`).toBeLessThan(1e-4 * Math.abs(value) + 1e-6);
    }
  });

  it("what went wrong first is found, and all ranks go on with other data", async () => {
    const config = configOf({
      learningRate: 1e20,
      clipNorm: null,
      stability: { onDivergence: "rollback", rollbacks: 1 },
    });
    const [alone, shared] = [newFolder(), newFolder()];
    const reason = await trainAlone(config, alone).catch((error: Error) => error.message);
    expect(reason).toMatch(
      /optim\/grad-norm was the first to become Infinity, at step 2; the largest gradient, \S+, is that of/,
    );
    const ends = endsOf(await trainOnRanks(config, shared, { data: 2, model: 2 }));
    expect(ends).toEqual([reason, reason, reason, reason]);
    const kinds = (folder: string) => readEvents(folder).map(({ kind }) => kind);
    expect(kinds(shared)).toEqual(kinds(alone));
    expect(kinds(shared)).toContain("rolled-back");
    expect(readRunInfo(shared)).toMatchObject({ status: "failed", error: reason });
  });
});
