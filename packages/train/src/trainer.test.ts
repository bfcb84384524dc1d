import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { flip, generatedShapes, mixup } from "@vitscale/data";
import { vit22b } from "@vitscale/vit";
import { describe, expect, it, vi } from "vitest";
import { lastTensors, numbersOf } from "../test/compare.ts";
import { temporaryFolders } from "../test/temporary-folder.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoints/file.ts";
import { checkpointFiles } from "./checkpoints/files.ts";
import { resolveConfig, type TrainConfig } from "./config/train-config.ts";
import { readRunInfo, runPaths } from "./runs/info.ts";
import { readMetrics } from "./runs/rows.ts";
import { type TrainOptions, train } from "./trainer.ts";
import { extractFeatures } from "./transfer/features.ts";
import { loadModel } from "./transfer/weights.ts";

// Whole runs, which a busy machine may take long for.
vi.setConfig({ testTimeout: 120_000 });

const newFolder = temporaryFolders();

const shapes = (seed: number, length: number) => generatedShapes({ length, side: 16, seed, look: "silhouette" });

const small: TrainConfig = {
  model: vit22b("mu/4", { imageSide: 16, classes: 16, dropout: 0.05 }),
  data: { source: shapes(0, 64), preprocess: [flip()], mix: mixup({ alpha: 0.2, apply: "graph" }) },
  loader: { workers: 0 },
  batchSize: 16,
  steps: 30,
  learningRate: 3e-3,
  schedule: { kind: "rsqrt", timescale: 20, warmupSteps: 5, cooldownSteps: 10 },
  optimizer: { kind: "adamw", weightDecay: 0.05 },
  evaluations: { validation: { data: { source: shapes(1, 40) }, everySteps: 15 } },
  logEverySteps: 4,
  checkpoints: { everySteps: 7, keep: 2 },
};

/** Runs quietly; `lines` collects what was printed. */
function run(folder: string, changes: Partial<TrainConfig> = {}, options: TrainOptions = {}, lines: string[] = []) {
  const stream = { write: (line: string) => lines.push(line) > 0 } as never;
  const config = resolveConfig({ ...small, ...changes }, "test");
  return train(config, { out: folder, stream, peakFlops: 1e11, ...options });
}

/** A signal that aborts when the run has printed a line about the given step. */
function stopAfter(step: number, lines: string[]): { signal: AbortSignal; lines: string[] } {
  const controller = new AbortController();
  const watching = new Proxy(lines, {
    get(target, key) {
      if (key !== "push") return Reflect.get(target, key);
      return (line: string) => {
        if (line.startsWith(`step ${step}/`)) controller.abort();
        return target.push(line);
      };
    },
  });
  return { signal: controller.signal, lines: watching };
}

describe("a run", () => {
  it("learns, evaluates, and leaves its record", async () => {
    const folder = newFolder();
    const lines: string[] = [];
    const { status, step, summary } = await run(
      folder,
      { steps: 60, schedule: { kind: "cosine", warmupSteps: 5 } },
      {},
      lines,
    );
    expect([status, step]).toEqual(["finished", 60]);

    const rows = readMetrics(folder);
    const losses = rows.flatMap(({ metrics }) => metrics["train/loss"] ?? []);
    expect(losses).toHaveLength(15);
    // ln 16 at the start: the head's kernel is zero.
    expect(losses[0]).toBeCloseTo(Math.log(16), 1);
    expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);
    // Two and a half batches, each time.
    expect(rows.flatMap(({ metrics }) => metrics["validation/examples"] ?? [])).toEqual([40, 40, 40, 40]);
    expect(summary["validation/loss"]).toBeLessThan(Math.log(16));

    expect(readRunInfo(folder)).toMatchObject({ status: "finished", step: 60, steps: 60, name: "test", summary });
    expect(readdirSync(runPaths(folder).evaluations)).toEqual(
      [15, 30, 45, 60].map((at) => `validation-000000${at}.json`),
    );
    expect(readdirSync(runPaths(folder).checkpoints)).toEqual([
      "step-00000056.safetensors",
      "step-00000060.safetensors",
    ]);
    expect(rows[0]?.metrics).toMatchObject({ "optim/learning-rate": 3e-3 * (3 / 5), "data/epoch": 1 });
    expect(lines.at(-1)).toBe(`finished at step 60 of 60; the run is in ${folder}\n`);
  });

  it("is the same bit by bit when it is done again", async () => {
    const [first, second] = [newFolder(), newFolder()];
    await run(first);
    await run(second, { loader: { workers: 1 } });
    expect(numbersOf(second)).toEqual(numbersOf(first));
    expect(await lastTensors(second)).toEqual(await lastTensors(first));
  });

  it("is the same bit by bit when it was stopped and resumed", async () => {
    const [whole, stopped] = [newFolder(), newFolder()];
    await run(whole);
    // Step 8 ends a row; the next stop, at 13, cuts a row in the middle.
    for (const step of [8, 12]) {
      const { signal, lines } = stopAfter(step, []);
      expect(await run(stopped, {}, { signal, resume: true }, lines)).toMatchObject({ status: "interrupted", step });
      expect(readRunInfo(stopped)).toMatchObject({ status: "interrupted", step });
    }
    const controller = new AbortController();
    const interrupted = run(stopped, {}, { resume: true, signal: controller.signal });
    setTimeout(() => controller.abort(), 150);
    await interrupted;
    expect(await run(stopped, {}, { resume: true })).toMatchObject({ status: "finished", step: 30 });
    expect(numbersOf(stopped)).toEqual(numbersOf(whole));
    expect(await lastTensors(stopped)).toEqual(await lastTensors(whole));
  });

  it("names a damaged checkpoint, goes on from the one before, and ends the same", async () => {
    const [whole, damaged] = [newFolder(), newFolder()];
    await run(whole);
    const stop = stopAfter(16, []);
    await run(damaged, {}, { signal: stop.signal }, stop.lines);
    const [newest, older] = checkpointFiles(runPaths(damaged).checkpoints);
    expect([newest, older].map((path) => path?.slice(-20))).toEqual(["00000016.safetensors", "00000014.safetensors"]);
    const bytes = readFileSync(newest!);
    bytes[bytes.length - 5]! ^= 1;
    writeFileSync(newest!, bytes);

    const lines: string[] = [];
    await run(damaged, {}, { resume: true }, lines);
    expect(lines).toContain(
      `checkpoint ${newest} cannot be used: it is damaged: its content does not match its checksum; trying the one before it\n`,
    );
    expect(lines).toContain("resumed at step 14\n");
    expect(numbersOf(damaged)).toEqual(numbersOf(whole));
    expect(await lastTensors(damaged)).toEqual(await lastTensors(whole));
  });

  it("fails when the loss is no longer a number, and says where", async () => {
    const folder = newFolder();
    const diverging = { learningRate: 1e30, clipNorm: null, optimizer: { kind: "sgd" } } as const;
    await expect(run(folder, diverging)).rejects.toThrow(
      /^(train\/loss|optim\/grad-norm) became (NaN|Infinity) in the steps 1 to 4;/,
    );
    expect(readRunInfo(folder)).toMatchObject({ status: "failed", error: expect.stringContaining("became") });
    expect(checkpointFiles(runPaths(folder).checkpoints)).toEqual([]);
  });

  it.each([
    [{ model: vit22b("mu/4", { imageSide: 16, classes: 10 }) }, "the data has 16 classes, but the model has 10"],
    [
      { model: vit22b("mu/4", { imageSide: 32, classes: 16 }) },
      "images are 16x16x3 after preprocessing, but the model takes 32x32x3",
    ],
    [
      { optimizer: { kind: "adamw", weightDecay: [["haed/kernel", 1]] } },
      'the rule "haed/kernel" matches no parameter',
    ],
  ] as const)("explains what does not fit together: %#", async (changes, message) => {
    const folder = newFolder();
    await expect(run(folder, changes as Partial<TrainConfig>)).rejects.toThrow(message);
  });

  it("learns and evaluates images of several labels, mixed with their neighbours'", async () => {
    const folder = newFolder();
    const scenes = (seed: number) =>
      generatedShapes({ length: 40, side: 16, seed, look: "silhouette", labels: "everything" });
    const several: Partial<TrainConfig> = {
      model: vit22b("mu/4", { imageSide: 16, classes: 38 }),
      data: { source: scenes(0), mix: mixup({ alpha: 0.2, apply: "graph" }) },
      loss: { kind: "sigmoid" },
      evaluations: { validation: { data: { source: scenes(1) } } },
    };
    const { summary } = await run(folder, several);
    const [first] = readMetrics(folder).flatMap(({ metrics }) => metrics["train/loss"] ?? []);
    // Each of 38 classes is a question of its own, and the head's kernel is zero.
    expect(first! / (38 * Math.LN2)).toBeCloseTo(1, 1);
    // Two classes that are always there would do: what is asked for is any of four.
    expect(summary["validation/loss"]).toBeLessThan(0.6 * first!);
    expect(summary).toMatchObject({ "validation/examples": 40 });
    const { features, labels } = await extractFeatures(
      await loadModel({ kind: "run", run: folder }, several.model!),
      { source: scenes(1) },
      { batchSize: 16 },
    );
    expect([features.shape[0], labels.shape]).toEqual([40, [40, 38]]);
    expect(labels.data.reduce((sum, value) => sum + value, 0)).toBe(4 * 40);

    await expect(run(newFolder(), { ...several, loss: { kind: "softmax" } })).rejects.toThrow(
      'the training images may have several labels, or none, and a softmax is of one; set loss to { kind: "sigmoid" }',
    );
    const evaluations = { validation: { data: { source: scenes(1) }, suites: ["calibration" as const] } };
    await expect(run(newFolder(), { ...several, evaluations })).rejects.toThrow(
      "evaluations.validation: its images may have several labels, or none, and suites read one of each",
    );
  });

  it("does not write over another run, says what changed in its continuation, and refuses a checkpoint of another model", async () => {
    const folder = newFolder();
    await run(folder, { steps: 10, schedule: { kind: "constant" } });
    await expect(run(folder)).rejects.toThrow("already holds a run (finished, step 10 of 10)");
    const lines: string[] = [];
    const longer = { steps: 12, schedule: { kind: "constant" } } as const;
    expect(await run(folder, longer, { resume: true }, lines)).toMatchObject({ status: "finished", step: 12 });
    expect(lines).toContain("changed since the run was last begun or resumed: steps: 10 → 12\n");
    const other = { model: vit22b("mu/4", { imageSide: 16, classes: 16, width: 64 }) };
    await expect(run(folder, other, { resume: true })).rejects.toThrow(
      "does not fit the configuration:\n  params/patch/kernel is",
    );
  });

  it("goes on from a checkpoint of an earlier version, which remembers less", async () => {
    const [whole, older] = [newFolder(), newFolder()];
    await run(whole);
    const stop = stopAfter(16, []);
    await run(older, {}, { signal: stop.signal }, stop.lines);
    for (const path of checkpointFiles(runPaths(older).checkpoints)) {
      const { tensors, step, seed, config, window } = await readCheckpoint(path);
      await writeCheckpoint(path, tensors, { step, seed, config, window });
    }
    const stability = { spikeFactor: 3, onDivergence: "rollback" } as const;
    expect(await run(older, { stability }, { resume: true })).toMatchObject({ status: "finished", step: 30 });
    expect(numbersOf(older)).toEqual(numbersOf(whole));
    expect(await lastTensors(older)).toEqual(await lastTensors(whole));
    const { stability: remembered } = await readCheckpoint(checkpointFiles(runPaths(older).checkpoints)[0]!);
    expect(remembered).toMatchObject({ rollbacks: 0, lastDue: 30 });
  });
});
