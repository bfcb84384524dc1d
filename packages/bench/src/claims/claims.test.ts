import { defaultEngine } from "@vitscale/core";
import { modelFlopsPerToken } from "@vitscale/vit";
import { describe, expect, it } from "vitest";
import type { Bench, Scale } from "../claim.ts";
import type { Comparison } from "../peers/compare.ts";
import type { TrainingOutcome } from "../training/short-training.ts";
import { stepFlops } from "../training/step-flops.ts";
import { bytesOfAnImage } from "./fresh-process.ts";
import { claims } from "./index.ts";
import { initialValues } from "./initial-values.ts";
import { mfu, stepProducts, utilisations } from "./mfu.ts";
import { normCollectives } from "./norm-collectives.ts";
import { parallelBlock } from "./parallel-block.ts";
import { pooling } from "./pooling.ts";
import { highestStableRate, qkNorm } from "./qk-norm.ts";
import { vitS16 } from "./sizes.ts";
import { stepCost } from "./step-cost.ts";
import { trainingSpeed } from "./training-speed.ts";

const outcome = (changes: Partial<TrainingOutcome>): TrainingOutcome => ({
  ...{ initialLoss: 2.77, finalLoss: 2, testLoss: 2, top1: 0.3, steps: 10, curve: [], health: [] },
  ...changes,
});

const places = { dataFolder: (name: string) => `no/${name}` };

describe("every claim", () => {
  it.each(claims.map((claim) => [claim.name, claim] as const))(
    "%s states what is printed where, and how it is judged",
    (name, claim) => {
      expect(name).toMatch(/^[a-z0-9-]+$/);
      for (const { says, source, printed, rule } of Object.values(claim.statements)) {
        for (const text of [says, source, printed, rule]) expect(text).not.toBe("");
        expect(rule).toMatch(/reproduced|reached/);
      }
    },
  );

  it("has a plan for both scales that survives JSON", async () => {
    for (const claim of claims) {
      for (const scale of ["quick", "full"] satisfies Scale[]) {
        const plan = await claim.plan(scale, places);
        expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      }
    }
  });

  it("has a name of its own, and those of the choice together take at most eight minutes", () => {
    expect(new Set(claims.map(({ name }) => name)).size).toBe(claims.length);
    const choice = claims.filter(({ isInChoice = true }) => isInChoice);
    expect(choice.reduce((sum, { seconds }) => sum + seconds.quick, 0)).toBeLessThanOrEqual(480);
  });
});

describe("judging", () => {
  it("compares the parallel block with the sequential one by rounds and by seeds", async () => {
    const measurement = {
      timing: {
        milliseconds: { parallel: [100, 200], "parallel, separate projections": [99, 198], sequential: [110, 220] },
        sizes: {},
      },
      outcomes: {
        parallel: [outcome({ testLoss: 2.1 }), outcome({ testLoss: 2.2 })],
        sequential: [outcome({}), outcome({})],
      },
    };
    const findings = parallelBlock.judge(measurement, null);
    expect(findings.speed).toEqual({ measured: "+10.0 % (+10.0 … +10.0 %)", verdict: "reproduced" });
    expect(findings.fusion).toEqual({ measured: "-1.0 % (-1.0 … -1.0 %)", verdict: "not seen at this scale" });
    expect(findings.quality?.verdict).toBe("not seen at this scale");
    expect(findings.quality?.measured).toBe("test loss 2.150 ± 0.071 parallel, 2.000 ± 0.0 sequential");
  });

  it("compares the losses of the sigmoid head and the scale of fused kernels with closed forms", async () => {
    const plan = await initialValues.plan("quick", places);
    // ln(1 + e⁻¹⁰) = 4.5399·10⁻⁵; ln 2 = 0.693147. Xavier for 384 to 384 has the deviation √(1/384).
    const measured = { withBias: 11.34349, withoutBias: 20_512.3, queryDeviation: 384 ** -0.5 };
    expect(initialValues.judge(measured, plan)).toEqual({
      bias: { measured: "11.343 with, 20512 without", verdict: "reproduced" },
      fused: { measured: "2.00", verdict: "reproduced" },
    });
    const wrong = initialValues.judge({ ...measured, withBias: 11.4, queryDeviation: 0.0255 }, plan);
    expect([wrong.bias?.verdict, wrong.fused?.verdict]).toEqual(["not seen at this scale", "not seen at this scale"]);
  });

  it("finds them in a real model", async () => {
    const plan = await initialValues.plan("quick", places);
    const bench = { engine: defaultEngine(), progress: () => {} } as unknown as Bench;
    const findings = initialValues.judge(await initialValues.measure(plan, bench), plan);
    expect(Object.values(findings).map(({ verdict }) => verdict)).toEqual(["reproduced", "reproduced"]);
  });

  it("counts one all-reduce fewer for each norm that does not centre, in programs that ranks would run", async () => {
    const plan = (await normCollectives.plan("quick", places)) as { models: object };
    const small = { depth: 2, width: 32, heads: 2, mlpWidth: 64, imageSide: 32, classes: 4 };
    const models = Object.fromEntries(
      Object.entries(plan.models).map(([name, config]) => [name, { ...config, ...small }]),
    );
    const bench = { progress: () => {} } as unknown as Bench;
    const counted = await normCollectives.measure({ models, ranks: 2 }, bench);
    const { layer, rms } = counted as { layer: number; rms: number };
    // Forward and backward: 1 + 1 for each of three norms without centring.
    expect(rms).toBeGreaterThanOrEqual(6);
    expect(layer - rms).toBe(3);
    expect(normCollectives.judge(counted, { models }).fewer?.verdict).toBe("reproduced");
    expect(normCollectives.judge({ layer, rms: rms + 1 }, { models }).fewer?.verdict).toBe("not seen at this scale");
  });

  it("sees divergence, collapse and the bound in a sweep", async () => {
    const plan = await qkNorm.plan("quick", places);
    const observed = (maxLogit: number | null, entropy: number, bound: number | null) => ({
      ...{ step: 10, maxLogit: [1, maxLogit], entropy: [1.5, entropy], bound: [bound, bound] },
    });
    const run = (isWith: boolean, learningRate: number, changes: Partial<TrainingOutcome>) => ({
      ...{ model: "small", qkNorm: isWith, learningRate, seed: 0, outcome: outcome(changes) },
    });
    const runs = [
      run(true, 1e-3, { finalLoss: 2, health: [observed(5.6, 1.4, 5.66)] }),
      run(true, 1e-1, { finalLoss: 2.1, health: [observed(40, 0.9, 41)] }),
      run(false, 1e-3, { finalLoss: 1.9, health: [observed(20, 1.2, null)] }),
      // A loss that is no number counts as the initial one: training gained nothing.
      run(false, 1e-1, { finalLoss: null, health: [observed(3e5, 0.01, null)] }),
    ];
    const { sensitivity, stable, logits, entropy, bound } = qkNorm.judge(runs, plan);
    // With: mean(0, 0.1) = 0.05; without: mean(0, 0.87) = 0.435.
    expect(sensitivity).toEqual({ measured: "0.0500 nats with, 0.435 without", verdict: "reproduced" });
    expect(stable).toEqual({ measured: "small: 0.1 with, 0.001 without", verdict: "reproduced" });
    expect(logits).toEqual({ measured: "largest |logit| 40.0 with, 300000 without", verdict: "reproduced" });
    expect(entropy?.verdict).toBe("reproduced");
    expect(bound).toEqual({ measured: "largest |logit| / bound 0.98940 of 4 observations", verdict: "reproduced" });
  });

  it("takes for stable the highest rate at which no seed lost half of what the best training gained", () => {
    const run = (learningRate: number, finalLoss: number | null, seed = 0) => ({
      ...{ model: "small", qkNorm: true, learningRate, seed, outcome: outcome({ initialLoss: 3, finalLoss }) },
    });
    // The best gains 2; a seed that gains 0.9 is too few, one that gains 1 is enough. Too low a rate may be too slow.
    const runs = [run(1e-4, 2.5), run(1e-3, 1), run(1e-2, 2), run(1e-2, 1.5, 1), run(1e-1, 1.5), run(1e-1, 2.1, 1)];
    expect(highestStableRate(runs)).toBe(1e-2);
    expect(highestStableRate([run(1e-3, null), run(1e-2, 3.5)])).toBe(0);
  });

  it("compares the memory of an image with and without a class token", async () => {
    const plan = await pooling.plan("quick", places);
    const measurement = (token: number) => ({
      timing: { milliseconds: { gap: [100, 100], token: [101, 101] }, sizes: {} },
      outcomes: {},
      imageBytes: { gap: [1e8, 1.1e8, 0.9e8], token: [token, token, token] },
    });
    const found = (token: number) => pooling.judge(measurement(token), plan).tokenMemory;
    expect(found(1.004e8)).toEqual({
      measured: "100 MB an image with, 100 MB without: 1.00 times",
      verdict: "not seen at this scale",
    });
    expect([found(1.1e8)?.verdict, found(1.5e8)?.verdict]).toEqual(["same direction", "reproduced"]);
    expect(bytesOfAnImage({ batch: 16, peakBytes: 2.8e9 }, { batch: 4, peakBytes: 1.6e9 })).toBe(1e8);
  });

  it("counts the FLOPs of a step as the papers do", async () => {
    // (6·12·384²·12 + 12·12·384·196) FLOPs a token, 196 tokens, 8 images.
    expect(stepFlops(vitS16)).toBe((6 * 12 * 384 ** 2 * 12 + 12 * 12 * 384 * 196) * 196 * 8);
    expect(modelFlopsPerToken(vitS16.model) * 196 * 8).toBe(stepFlops(vitS16));
    expect(utilisations([1000], vitS16, stepFlops(vitS16))).toEqual([1]);
    // The forward products of a block and their two gradients are three times 2·rows·12·width².
    const flops = stepProducts(vitS16.model, 8).reduce(
      (sum, { rows, inner, columns }) => sum + 2 * rows * inner * columns,
      0,
    );
    expect(flops).toBe(3 * 2 * (8 * 196) * 12 * 384 ** 2);
    const plan = await mfu.plan("quick", places);
    const { formula, aim } = mfu.judge({ step: [500, 600, 700], products: { ours: [1e11, 4e11] } }, plan);
    expect(formula).toEqual({ measured: "54.93 %", verdict: "reproduced" });
    // 216.7 GFLOP in 0.6 s over 400 GFLOP/s.
    expect(aim).toMatchObject({ measured: "0.903 (0.839 … 0.993)", verdict: "reached" });
  });

  it("judges a peer at the largest size that it took part in, and names one that is absent", async () => {
    const plan = await trainingSpeed.plan("quick", places);
    const race = (times: Record<string, number[]>, missing: Record<string, string> = {}): Comparison => ({
      results: Object.entries(times).map(([name, milliseconds]) => ({
        ...{ name, about: name, milliseconds, peakBytes: 1e9 },
        ready: { version: name, threads: 2, setupMilliseconds: 1, check: [] },
      })),
      missing,
    });
    const findings = trainingSpeed.judge(
      [
        race({ vitscale: [1, 1, 1], "tfjs-wasm": [5, 5, 5], "tfjs-cpu": [80, 90, 100] }),
        race({ vitscale: [10, 10, 20], "tfjs-wasm": [150, 150, 300] }),
        race(
          { vitscale: [100, 110, 120], torch: [150, 165, 180] },
          { jax: "python3 has no module jax; pip install jax" },
        ),
      ],
      plan,
    );
    expect(findings.torch).toEqual({ measured: "1.50 (1.50 … 1.50) times, ViT-S/16, batch 8", verdict: "reached" });
    expect(findings["tfjs-wasm"]).toEqual({
      measured: "15.0 (15.0 … 15.0) times, ViT-Ti/16, batch 2",
      verdict: "reached",
    });
    expect(findings["tfjs-cpu"]?.measured).toContain("two blocks of ViT-Ti/16");
    expect(findings.jax).toMatchObject({
      verdict: "not measurable here",
      why: "python3 has no module jax; pip install jax",
    });
  });

  it("separates a step into kernels, library and the rest, and memory into fixed and for each image", () => {
    const fresh = (batch: number, gigabytes: number) => ({
      ...{ name: "x", batch, rematerialize: "none", compile: { record: 200, simplify: 100, compile: 600 } },
      ...{ peakBytes: gigabytes * 1e9, milliseconds: [500] },
    });
    const findings = stepCost.judge(
      {
        plain: [fresh(8, 1.4), fresh(8, 1.4)],
        // 0.1 GB an image without, 0.04 with.
        memory: { plainSmall: fresh(2, 0.8), remat: fresh(8, 1.04), rematSmall: fresh(2, 0.8) },
        large: null,
        profiled: { step: 500, kernels: { run: 495, kernels: 490, byOperation: [["MatMul", 490]] } },
      },
      null,
    );
    expect(findings.outside).toEqual({ measured: "2.00 % (1.00 % outside of the library)", verdict: "reached" });
    expect(findings.compile).toEqual({ measured: "0.900 s (0.900 … 0.900)", verdict: "reached" });
    expect(findings.remat).toEqual({ measured: "0.400", verdict: "reached" });
    expect(findings.compileLarge?.verdict).toBe("not measurable here");
  });
});
