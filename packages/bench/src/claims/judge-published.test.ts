import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Bench, Claim } from "../claim.ts";
import type { TrainingOutcome } from "../training/short-training.ts";
import { attentionNorms } from "./attention-norms.ts";
import { imagenetTables } from "./imagenet-tables.ts";
import { logitGrowth, predictLogit } from "./logit-growth.ts";
import { otherDistributions } from "./other-distributions.ts";

const verdicts = (claim: Claim, measurement: unknown, plan: unknown = null) =>
  Object.fromEntries(Object.entries(claim.judge(measurement, plan)).map(([name, { verdict }]) => [name, verdict]));
const outcome = (changes: Partial<TrainingOutcome>): TrainingOutcome => ({
  ...{ initialLoss: 2.77, finalLoss: 2, testLoss: 2, top1: 0.3, steps: 10, curve: [], health: [] },
  ...changes,
});

describe("tables of ImageNet", () => {
  // Published predictions lie beside the repository in ../shared/data.
  const shared = join(import.meta.dirname, "../../../../../shared/data");
  const scratch = mkdtempSync(join(tmpdir(), "vitscale-tables-"));
  afterAll(() => rmSync(scratch, { recursive: true }));
  const bench = { scratch, progress() {} } as unknown as Bench;
  const planWith = (dataFolder: (name: string) => string) => imagenetTables.plan("quick", { dataFolder });

  it("are reproduced from published predictions", async (context) => {
    if (!existsSync(join(shared, "imagenet-preds"))) context.skip("no published predictions in ../shared/data");
    const plan = await planWith((name) => join(shared, name));
    const measured = await imagenetTables.measure(plan, bench);
    expect(verdicts(imagenetTables, measured)).toEqual({
      ...{ resnet: "reproduced", drop: "reproduced", real: "reproduced", corruption: "reproduced" },
    });
    expect(imagenetTables.judge(measured, plan).resnet?.measured).toBe("76.13 %, 82.96 %, 63.33 %");
    // ../shared/spec/evaluation.md, section 3.3.
    expect(imagenetTables.judge(measured, plan).corruption?.measured).toBe("78.20");
  });

  it("say what to fetch where there are none", async () => {
    const plan = await planWith((name) => `no/${name}`);
    const found = imagenetTables.judge(await imagenetTables.measure(plan, bench), plan);
    expect(found.resnet).toMatchObject({ verdict: "not measurable here", why: expect.stringContaining("--data") });
    expect(found.corruption?.why).toContain("imagenet-testbed");
  });
});

describe("attention", () => {
  it("logits follow a parabola in the logarithm", () => {
    const law = (parameters: number) => 2 * Math.exp(0.3 * Math.log(parameters) + 0.02 * Math.log(parameters) ** 2);
    const points = [1e4, 4e4, 2e5, 1e6].map((parameters) => ({ parameters, logit: law(parameters) }));
    expect(predictLogit(points, 5e6) / law(5e6)).toBeCloseTo(1, 8);
  });

  it("logits of the largest model are compared with what the others predict", async () => {
    const plan = await logitGrowth.plan("quick", { dataFolder: (name) => name });
    const { models } = plan as { models: Record<string, object> };
    const runs = (logits: readonly number[]) =>
      Object.keys(models).map((model, i) => ({
        ...{ model, qkNorm: false, learningRate: 1e-2, seed: 0 },
        outcome: outcome({
          health: [
            { step: 0, maxLogit: [1e9], entropy: [1], bound: [null] },
            { step: 150, maxLogit: [1, logits[i]!], entropy: [1], bound: [null] },
          ],
        }),
      }));
    expect(verdicts(logitGrowth, runs([2, 4, 8, 12]), plan)).toMatchObject({ growth: "reproduced" });
    expect(verdicts(logitGrowth, runs([5, 5, 5, 5.1]), plan)).toEqual({
      ...{ growth: "same direction", prediction: "reproduced" },
    });
    expect(verdicts(logitGrowth, runs([5, 5, 5, 12]), plan).prediction).toBe("same direction");
    expect(verdicts(logitGrowth, runs([5, 5, 5, 0.1]), plan)).toEqual({
      ...{ growth: "not seen at this scale", prediction: "not seen at this scale" },
    });
  });

  it("norms are compared at both rates", async () => {
    const plan = await attentionNorms.plan("quick", { dataFolder: (name) => name });
    const { rates } = plan as { rates: readonly number[] };
    const of = (losses: Readonly<Record<string, readonly [number, number]>>) =>
      Object.fromEntries(
        Object.entries(losses).flatMap(([kind, at]) =>
          rates.map((rate, i) => [
            `${kind}, rate ${rate}`,
            [0, 0.02].map((noise) => outcome({ testLoss: at[i]! + noise })),
          ]),
        ),
      );
    // Standard errors of 0.014, and 0.1 allowed.
    const outcomes = of({
      "per head, RMS": [2, 2],
      "per head, layer": [2.05, 2],
      "all heads, RMS": [1.5, 2],
      "per head, RMS, undivided": [2, 1],
    });
    expect(verdicts(attentionNorms, outcomes, plan)).toEqual({
      ...{ span: "not seen at this scale", kind: "reproduced", division: "not seen at this scale" },
    });
    const layer = of({ "per head, layer": [2.05, 2.09] });
    expect(verdicts(attentionNorms, { ...outcomes, ...layer }, plan).kind).toBe("same direction");
  });
});

it("accuracy under a shift is judged by size, and by where it is gained", () => {
  const one = (inDomain: number, shifted: number, probe: number) => [{ inDomain, shifted, probe, shiftedProbe: 0 }];
  const seen = { small: one(0.5, 0.1, 0.4), middle: one(0.8, 0.15, 0.39), large: one(0.85, 0.3, 0.5) };
  expect(verdicts(otherDistributions, seen)).toEqual({
    ...{ probe: "same direction", shift: "reproduced", later: "reproduced" },
  });
  // A quarter of the gain comes late in either.
  const even = { small: one(0.1, 0.1, 0.4), middle: one(0.4, 0.4, 0.5), large: one(0.5, 0.5, 0.6) };
  expect(verdicts(otherDistributions, even)).toMatchObject({ probe: "reproduced", later: "not seen at this scale" });
});
