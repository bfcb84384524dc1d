import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { defaultEngine, type HostTensor, hostTensor, isHostTensor, treeMap } from "@vitscale/core";
import { decide } from "@vitscale/eval";
import { describeMachine, type HostParameters, type RunRecord } from "@vitscale/train";
import { init, vit22b } from "@vitscale/vit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Bench } from "../claim.ts";
import { identityOf } from "../runner/identity.ts";
import { openStore } from "../runner/store.ts";
import { eagerParameters } from "../testing/eager-parameters.ts";
import { attentionHealth, healthProbe } from "./attention-health.ts";
import { qualityProbe } from "./quality.ts";
import { metricName } from "./rounds-record.ts";
import { type ImageSet, shapesSet, takeImages } from "./shapes.ts";
import { shortTraining } from "./short-training.ts";
import { lookAtEach } from "./train-and-look.ts";
import { recipeOptimizer, trainSeeds } from "./train-once.ts";
import { vitProgram } from "./vit-program.ts";

/** 4 tokens, heads of width 4. */
const config = vit22b("mu/8", {
  width: 8,
  depth: 2,
  heads: 2,
  mlpWidth: 16,
  imageSide: 16,
  classes: 16,
  pooling: "gap",
});
const training = { steps: 12, batch: 16, schedule: { kind: "constant" }, learningRate: 1e-2, seed: 3 } as const;
const { signal } = new AbortController();

/** A record that keeps its rows. */
function memoryRecord() {
  const rows: [number, Record<string, number>][] = [];
  const record = {
    log: (step: number, row: Record<string, number>) => rows.push([step, row]),
    update() {},
    evaluation() {},
  };
  return { rows, record: record as unknown as RunRecord };
}

let images: ImageSet;
beforeAll(async () => {
  images = await shapesSet({ count: 64, side: 16, seed: 0 });
});

describe("images for short trainings", () => {
  it("have every class equally often, and are rendered once", async () => {
    expect(images).toMatchObject({ classes: 16, images: { shape: [64, 16, 16, 3] } });
    expect(Array.from(images.labels.data).filter((label) => label === 5)).toHaveLength(4);
    expect(await shapesSet({ count: 64, side: 16, seed: 0 })).toBe(images);
    expect((await shapesSet({ count: 64, side: 16, seed: 1 })).images.data).not.toEqual(images.images.data);
  });

  it("are taken in the order asked for", () => {
    const taken = takeImages(images, [7, 7, 0]);
    expect(Array.from(taken.labels.data)).toEqual([7, 7, 0].map((index) => images.labels.data[index]));
    expect(taken.images.data.subarray(2 * 768)).toEqual(images.images.data.subarray(0, 768));
  });
});

describe("attention health", () => {
  const byHand = (change: (name: string, tensor: HostTensor) => HostTensor) => {
    const params = treeMap((leaf: HostTensor, name) => change(name, leaf), init(config, 0), isHostTensor);
    const tensors = eagerParameters(params as HostParameters);
    const pixels = tf.tensor(Int32Array.from(images.images.data.subarray(0, 768)), [1, 16, 16, 3], "int32");
    const health = attentionHealth(config)(tensors, pixels);
    return Object.fromEntries(Object.entries(health).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]));
  };
  const filled = ({ shape, data }: HostTensor, value: number) =>
    hostTensor("float32", shape, new Float32Array(data.length).fill(value));

  it("is ln(tokens) where all logits are zero, and the bound follows from the scales", () => {
    const { maxLogit, entropy, bound } = byHand((name, tensor) =>
      name.endsWith("query_norm/scale")
        ? filled(tensor, 0)
        : name.endsWith("key_norm/scale")
          ? filled(tensor, 3)
          : tensor,
    );
    expect(maxLogit).toEqual([0, 0]);
    for (const value of entropy!) expect(value).toBeCloseTo(Math.log(4), 6);
    expect(bound).toEqual([0, 0]);
  });

  it("is near zero where the logits are huge, and no logit exceeds √4·2·300", () => {
    const { maxLogit, entropy, bound } = byHand((name, tensor) =>
      name.endsWith("query_norm/scale")
        ? filled(tensor, 2)
        : name.endsWith("key_norm/scale")
          ? filled(tensor, 300)
          : tensor,
    );
    expect(bound).toEqual([1200, 1200]);
    for (const value of maxLogit!) expect(value).toBeLessThanOrEqual(1200 * (1 + 1e-6));
    for (const value of maxLogit!) expect(value).toBeGreaterThan(100);
    for (const value of entropy!) expect(value).toBeLessThan(0.3);
  });
});

describe("a short training", () => {
  const engine = defaultEngine();
  const program = vitProgram(config, { engine });
  const probe = healthProbe(config, engine);
  afterAll(async () => {
    await program.dispose();
    await probe.dispose();
  });

  it("begins at ln(classes), learns, repeats exactly, and is watched", async () => {
    const watched = { probe, images: takeImages(images, [0, 1]).images, everySteps: 6 };
    const quality = qualityProbe(config, engine, images, 32);
    const first = memoryRecord();
    const outcome = await shortTraining(training, {
      program,
      images,
      quality,
      signal,
      record: first.record,
      health: watched,
    });
    // The head begins at zero, so every class is equally likely.
    expect(outcome.initialLoss).toBeCloseTo(Math.log(16), 4);
    expect(outcome.finalLoss).toBeLessThan(outcome.initialLoss);
    expect(outcome.testLoss).toBeLessThan(Math.log(16));
    expect(outcome.curve).toHaveLength(12);
    expect(outcome.curve[0]).toBe(outcome.initialLoss);
    expect(outcome.health.map(({ step }) => step)).toEqual([0, 6, 12]);
    expect(outcome.health[0]?.entropy).toHaveLength(2);
    expect(first.rows.filter(([, row]) => "train/loss" in row)).toHaveLength(12);
    expect(first.rows.find(([, row]) => "attention-entropy/block01" in row)?.[0]).toBe(0);

    const again = await shortTraining(training, { program, images, quality, signal, record: memoryRecord().record });
    expect({ ...again, health: outcome.health }).toEqual(outcome);
    await quality.dispose();
  });

  it("stops where the loss is no longer a number", async () => {
    const { record } = memoryRecord();
    const outcome = await shortTraining({ ...training, learningRate: 1e38 }, { program, images, signal, record });
    expect(outcome.finalLoss).toBeNull();
    expect(outcome.steps).toBeLessThan(12);
  });

  it("evaluates whole batches only", () => {
    expect(() => qualityProbe(config, engine, images, 48)).toThrow(
      "64 test images are no whole number of batches of 48; change either",
    );
  });
});

describe("trainings that claims share", () => {
  let out: string;
  let made: string[];
  beforeEach(() => {
    out = mkdtempSync(join(tmpdir(), "vitscale-trained-"));
    made = [];
  });
  afterEach(() => rmSync(out, { recursive: true }));
  const store = () => openStore(out);
  const bench = () =>
    ({
      ...{ engine: defaultEngine(), signal, progress() {} },
      record(name: string) {
        made.push(name);
        return memoryRecord().record;
      },
      cell: async (_: string, measure: () => Promise<unknown>) => measure(),
      shared: (description: unknown, make: (folder: string) => Promise<unknown>) =>
        store().shared(identityOf({ name: "shared", version: 1 }, description, surroundings), make),
    }) as unknown as Bench;
  const surroundings = { machine: describeMachine(), source: "" };
  const { seed: _, ...recipe } = training;
  const described = { ...recipe, model: config, images: { count: 64, side: 16, seed: 0 }, testImages: 64 };
  const quiet = () => ({ bench: bench(), progress() {} });

  it("are done once for each seed, whoever asks and in whatever order the description is", async () => {
    const [first] = await trainSeeds("one", described, [3], quiet());
    const reordered = Object.fromEntries(Object.entries(described).reverse()) as unknown as typeof described;
    const [second] = await trainSeeds("two", { ...reordered, optimizer: recipeOptimizer }, [3], quiet());
    expect(second?.outcome).toEqual(first?.outcome);
    expect(made).toEqual(["one-seed3"]);
    await trainSeeds("two", { ...described, steps: 6 }, [3, 4], quiet());
    expect(made).toEqual(["one-seed3", "two-seed3", "two-seed4"]);
  });

  it("begin with what another training came to, whose positions are resampled for other images", async () => {
    const still = { ...described, steps: 1, learningRate: 0, start: { kind: "trained", training: described } } as const;
    const [same] = await trainSeeds("tuned", still, [3], quiet());
    const [before] = await trainSeeds("one", described, [3], quiet());
    expect(made).toEqual(["tuned, before-seed3", "tuned-seed3"]);
    expect(same?.outcome.testLoss).toBe(before?.outcome.testLoss);
    const larger = { ...still, model: { ...config, imageSide: 24 }, images: { ...still.images, side: 24 } };
    const [tuned] = await trainSeeds("larger", larger, [3], quiet());
    const { positions, head } = await tuned!.params();
    expect(positions.shape).toEqual([9, 8]);
    const { positions: table, head: old } = await before!.params();
    expect(head).toEqual(old);
    // The corners of the grids are the same.
    expect(positions.data.slice(-8)).toEqual(table.data.slice(-8));
  });

  it("give logits that are right as often as the evaluation finds, and the features behind them", async () => {
    const test = await shapesSet({ count: 64, side: 16, seed: 1 });
    const seen = await lookAtEach({ tiny: described }, [3, 4], bench(), async (outputsOf) => {
      const { classes: decisions } = decide(await outputsOf("logits", test), 1);
      const { shape } = await outputsOf("pre_logits", test);
      return { right: decisions.filter((decision, i) => decision === test.labels.data[i]).length, shape };
    });
    expect(seen.tiny?.[0]?.shape).toEqual([64, 8]);
    const trained = await trainSeeds("tiny", described, [3, 4], quiet());
    expect(trained.map(({ outcome: { top1 } }) => 64 * (top1 as number))).toEqual(seen.tiny?.map(({ right }) => right));
    expect(made).toHaveLength(2);
  });

  it("have nothing to look at where the loss stopped being a number", async () => {
    const broken = lookAtEach({ tiny: { ...described, learningRate: 1e38 } }, [0], bench(), async () => 1);
    await expect(broken).rejects.toThrow("the loss of tiny seed 0 stopped being a number");
  });

  it("are done again where they were interrupted", async () => {
    const tools = quiet();
    const stop = new AbortController();
    const interrupted = { ...tools, bench: { ...tools.bench, signal: stop.signal }, progress: () => stop.abort() };
    await expect(trainSeeds("one", described, [3], interrupted)).rejects.toThrow("aborted");
    const [whole] = await trainSeeds("one", described, [3], quiet());
    expect(whole?.outcome.steps).toBe(12);
  });
});

it("names metrics after any text", () => {
  expect(metricName("parallel, separate projections")).toBe("parallel-separate-projections");
});
