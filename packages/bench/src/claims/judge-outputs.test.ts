import { hostTensor } from "@vitscale/core";
import { describe, expect, it } from "vitest";
import type { Bench, Claim } from "../claim.ts";
import { calibrate, calibration } from "./calibration.ts";
import { fairness } from "./fairness.ts";
import { fewShotRidge, ridgeResidual } from "./few-shot.ts";
import { fineTuneResolution } from "./fine-tune-resolution.ts";
import { humanAlignment } from "./human-alignment.ts";
import { parallelLinearClaim } from "./parallel-linear.ts";
import { shapeBiasClaim } from "./shape-bias.ts";

const verdicts = (claim: Claim, measurement: unknown, plan: unknown = null) =>
  Object.fromEntries(Object.entries(claim.judge(measurement, plan)).map(([name, { verdict }]) => [name, verdict]));

describe("judging what models make of images", () => {
  it("compares penalties with the best, and numbers of shots with each other", () => {
    const result = (shots: number, l2: number, accuracy: number) => ({ shots, l2, accuracies: [accuracy, accuracy] });
    const results = [result(1, 64, 0.2), result(1, 1024, 0.17), result(5, 64, 0.3), result(5, 1024, 0.4)];
    const plan = { training: { images: { count: 64, side: 32, seed: 0 } } };
    expect(verdicts(fewShotRidge, { results, residual: 1e-9 }, plan)).toEqual({
      ...{ solution: "reproduced", penalty: "same direction", shots: "reproduced" },
    });
    expect(verdicts(fewShotRidge, { results: results.slice(2), residual: 1e-5 }, plan).solution).toBe(
      "not seen at this scale",
    );
  });

  it("finds no gradient left at the ridge classifiers, with more images than features and fewer", () => {
    for (const rows of [4, 30]) {
      const vectors = hostTensor("float32", [rows, 6]);
      vectors.data.forEach((_, i) => {
        vectors.data[i] = Math.sin(i * i);
      });
      const labels = Int32Array.from({ length: rows }, (_, row) => row % 3);
      expect(ridgeResidual({ vectors, labels, classes: 3 }, [1, 1024])).toBeLessThan(1e-10);
    }
  });

  it("fits the temperature on one half and measures on the other", () => {
    // Logits of ±4 that are right in three of four rows: the temperature is 8 / ln 3, the confidence at 1 is 0.99966.
    const rows = 400;
    const data = Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? 4 : -4));
    const labels = Int32Array.from({ length: rows }, (_, row) => (row % 4 === 3 ? 1 : 0));
    const found = calibrate({ width: 2, data }, labels);
    expect(found.temperature).toBeCloseTo(8 / Math.log(3), 4);
    expect(found.accuracy).toBe(0.75);
    expect(found.before).toBeCloseTo(1 / (1 + Math.exp(-8)) - 0.75, 5);
    expect(found.after).toBeCloseTo(0, 5);
  });

  it("sees larger models more accurate and as well calibrated, and what the temperature does", () => {
    const one = (accuracy: number, before: number, after: number) => ({ accuracy, before, after, temperature: 1 });
    const seen = {
      small: [one(0.5, 0.05, 0.03), one(0.5, 0.07, 0.03)],
      large: [one(0.7, 0.07, 0.06), one(0.7, 0.07, 0.06)],
    };
    expect(verdicts(calibration, seen)).toEqual({ frontier: "reproduced", temperature: "reproduced" });
    const worse = { ...seen, large: [one(0.7, 0.1, 0.11), one(0.7, 0.1, 0.11)] };
    expect(verdicts(calibration, worse)).toEqual({
      ...{ frontier: "not seen at this scale", temperature: "same direction" },
    });
  });

  it("compares shape biases by training images and by size", () => {
    const one = (bias: number | null) => ({ bias, decided: 0.5 });
    const seen = {
      tied: { small: [one(0.2), one(0.3)], large: [one(0.3), one(0.3)] },
      free: { small: [one(0.9), one(0.9)], large: [one(0.9), one(0.9)] },
    };
    // 0.05 between the sizes, with a deviation of 0.07 over seeds.
    expect(verdicts(shapeBiasClaim, seen)).toEqual({ training: "reproduced", size: "same direction" });
    const undecided = { tied: { small: [one(null)], large: [one(0.3)] }, free: seen.free };
    expect(verdicts(shapeBiasClaim, undecided)).toEqual({
      ...{ training: "not seen at this scale", size: "not seen at this scale" },
    });
  });

  it("compares a fine-tuning at twice the resolution with one at the same, by observers that decide by shape", () => {
    const one = (right: string, bias: number, silhouettes: number) => ({ right, bias, silhouettes });
    const observer = one("11110000", 0.9, 0.5);
    const seen = {
      "by shape": [observer, { ...observer }],
      before: [observer],
      // Right half of the time, independently of the observers; then with the same errors.
      "at 1×": [one("11001100", 0.5, 0.4), one("11001100", 0.5, 0.4)],
      "at 2×": [one("11110000", 0.6, 0.3), one("11110000", 0.6, 0.3)],
    };
    expect(fineTuneResolution.judge(seen, null)).toEqual({
      shape: { measured: "0.600 ± 0.0 at 2×, 0.500 ± 0.0 at 1×", verdict: "reproduced" },
      consistency: { measured: "1.00 ± 0.0 at 2×, 0.00 ± 0.0 at 1×", verdict: "reproduced" },
      // Half of the images in conflict are right in both.
      shift: { measured: "0.400 ± 0.0 at 2×, 0.450 ± 0.0 at 1×", verdict: "reproduced" },
    });
    // 0.05 with a deviation of 0.07 over seeds; the other way; no difference.
    const other = { ...seen, "at 2×": [one("11001100", 0.5, 0.5), one("11001100", 0.6, 0.5)] };
    expect(verdicts(fineTuneResolution, other)).toEqual({
      ...{ shape: "same direction", consistency: "not seen at this scale", shift: "not seen at this scale" },
    });
  });

  it("compares groups before and after mitigation", () => {
    const one = (parity: number, accuracyGap: number, accuracies: readonly number[], errors = accuracies) => ({
      ...{ parity, accuracyGap, accuracy: 0.8, ece: 0.1 },
      mitigated: [0, 0.05, 0.1, 0.2].map((level, i) => ({
        ...{ level, parity: level + 0.01, accuracy: accuracies[i]!, ece: errors[i]! },
      })),
    });
    const seen = {
      small: [one(0.28, 0.1, [0.6, 0.6, 0.6, 0.7])],
      large: [one(0.33, 0.05, [0.7, 0.7, 0.7, 0.7], [0.5, 0.5, 0.5, 0.8])],
    };
    expect(verdicts(fairness, { seen, ofData: 0.3 })).toEqual({
      ...{ before: "reproduced", tradeOff: "same direction", subgroups: "reproduced", constraint: "reproduced" },
      calibration: "same direction",
    });
    expect(verdicts(fairness, { seen, ofData: 0.37 })).toMatchObject({ before: "same direction" });
  });

  it("asks for the answers of people and models where they are not", async () => {
    const plan = await humanAlignment.plan("quick", { dataFolder: (name) => `no/${name}` });
    expect(plan).toEqual({ folder: null });
    const bench = {} as Bench;
    const { models } = humanAlignment.judge(await humanAlignment.measure(plan, bench), plan);
    expect(models).toMatchObject({ verdict: "not measurable here", why: expect.stringContaining("git clone") });
  });

  it("compares the table of people and models digit by digit", () => {
    const rows = {
      resnet50: [0.5588, 0.0872, 0.6649, 0.2083],
      simclr_resnet50x1: [0.5957, 0.0803, 0.6668, 0.1792],
      bagnet33: [0.398, 0.1562, 0.567, 0.1366],
      humans: [0.7228, 0.0066, 0.8085, 0.4312],
    };
    const shapeBias = { humans: 0.95869, resnet50: 0.21392 };
    expect(verdicts(humanAlignment, { rows, shapeBias })).toEqual({
      ...{ models: "reproduced", humans: "reproduced", shapeBias: "reproduced" },
    });
    const other = { rows: { ...rows, bagnet33: [0.398, 0.1562, 0.568, 0.1366] }, shapeBias: {} };
    expect(humanAlignment.judge(other, null).models).toEqual({
      ...{ measured: "11 of 12 numbers agree", verdict: "not seen at this scale" },
    });
    expect(verdicts(humanAlignment, other).shapeBias).toBe("not seen at this scale");
  });
});

describe("parallel linear operations", () => {
  const layer = (layout: string, sent: number) => ({
    ...{ ranks: 2, rows: 1, inputs: 8, outputs: 2, layout, form: "ring", different: 0, sent: [sent, sent] },
  });
  // Half of 8 inputs, or of 2 outputs, in float32.
  const layers = [layer("gather", 16), layer("reduce", 4)];
  const constant = (times: Record<string, number>) =>
    Object.fromEntries(Object.entries(times).map(([name, time]) => [name, [time, time, time]]));
  const answersOf = (ring: number, sequential: number) => {
    // 1 GFLOP/s and 1 kB/s: the product of 16·10⁶ FLOPs takes 16 ms, a block of 16 bytes as long. Sums take no time.
    const samples = {
      products: [{ size: 1e6, seconds: 1e-3 }],
      sums: [{ size: 1e15, seconds: 1e-3 }],
      messages: [{ size: 1, seconds: 1e-3 }],
    };
    const given = { layout: "gather", ranks: 2, rows: 2, inputs: 4, outputs: 2e6 };
    const parts = { compute: 40, transfer: 20, transferBothWays: 20, plain: 32, bidirectional: 24 };
    const blocks = [{ case: { ranks: 2 }, times: constant({ "parallel, ring": 10, "sequential, ring": sequential }) }];
    return [{ layers: [{ case: given, times: constant({ ...parts, ring }), samples }], blocks }];
  };

  it("are judged by elements, bytes, what a ring hides, what was predicted, and both kinds of block", () => {
    // All of 20 ms can be hidden behind the half of 40 ms that has a block to wait for. On paper plain takes
    // 16 + 16 ms, rings 8 less, as half of the product waits for a block.
    expect(verdicts(parallelLinearClaim, { layers, answers: answersOf(24, 12) })).toEqual({
      ...{ exact: "reproduced", traffic: "reproduced", choice: "reproduced", overlap: "reproduced", hidden: "reached" },
      ...{ neverSlower: "reached", paper: "reached", blocks: "reproduced" },
    });
    const wrong = [{ ...layer("gather", 12), different: 1 }, layer("reduce", 4)];
    expect(verdicts(parallelLinearClaim, { layers: wrong, answers: answersOf(55, 10.2) })).toEqual({
      ...{ exact: "not seen at this scale", traffic: "not seen at this scale", choice: "not seen at this scale" },
      ...{ overlap: "same direction", hidden: "not reached", neverSlower: "not reached", paper: "not reached" },
      blocks: "same direction",
    });
  });
});
