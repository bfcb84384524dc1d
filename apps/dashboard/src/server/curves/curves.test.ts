import { describe, expect, it } from "vitest";
import type { CurvesQuery } from "../../shared/api.ts";
import { metricTable } from "../metric-table.ts";
import { stepCost } from "./axis.ts";
import { type ChartRun, type ChartRuns, curves } from "./curves.ts";
import { digits, downsample } from "./downsample.ts";
import { heat } from "./heat.ts";
import { smoothed } from "./smooth.ts";

function run(id: string, values: readonly (number | string)[], name = "train/loss", every = 1): ChartRun {
  const table = metricTable();
  for (const [i, value] of values.entries()) {
    table.add(JSON.stringify({ step: (i + 1) * every, time: 100 + 2 * i, [name]: value }));
  }
  return { id, table, cost: { examples: 32, flops: 1e9 } };
}

const each = (...runs: readonly ChartRun[]): ChartRuns =>
  async function* () {
    yield* runs;
  };

const query: CurvesQuery = { runs: [], metrics: ["train/loss"], axis: "step", points: 100, smoothing: 0 };
const everything = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, logX: false };

describe("smoothed", () => {
  it("is the weighted mean of what has been, with weights that sum to one", () => {
    const y = Float64Array.of(3, 1, 4, 1, 5);
    const x = Float64Array.of(1, 2, 3, 4, 5);
    for (const [n, value] of smoothed(x, y, 0.8, 1000).entries()) {
      const weights = Array.from({ length: n + 1 }, (_, i) => 0.8 ** (n - i));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      expect(value).toBeCloseTo(weights.reduce((sum, weight, i) => sum + weight * y[i]!, 0) / total, 12);
    }
  });

  it("forgets by distance: with twice the points it ends where it did", () => {
    const line = (n: number) => Float64Array.from({ length: n + 1 }, (_, i) => (1000 * i) / n);
    const last = (n: number) => smoothed(line(n), line(n).map(Math.sqrt), 0.98, 1000)[n]!;
    expect(Math.abs(last(2000) - last(1000))).toBeLessThan(0.02);
  });

  it("leaves few points as they are", () => {
    const [, second, third] = smoothed(Float64Array.of(0, 50, 100), Float64Array.of(1, 2, 3), 0.9, 100);
    expect(second).toBeCloseTo(2, 12);
    expect(third).toBeCloseTo(3, 12);
  });

  it("steps over what is not a number", () => {
    const x = Float64Array.of(1, 2, 3);
    expect([...smoothed(x, Float64Array.of(2, Number.NaN, 2), 0.9, 1000)]).toEqual([2, Number.NaN, 2]);
  });
});

describe("downsample", () => {
  const x = Float64Array.from({ length: 100_000 }, (_, i) => i);

  it("keeps every extreme of its buckets and stays within the points", () => {
    const y = x.map((at) => Math.sin(at / 5000));
    y[41_234] = 99;
    y[77_777] = -99;
    const line = downsample(x, y, { ...everything, points: 500 });
    expect(line.x.length).toBeLessThanOrEqual(500);
    expect(line.x).toContain(41_234);
    expect(line.x).toContain(77_777);
    expect([...line.x].sort((a, b) => a - b)).toEqual(line.x);
  });

  it("shows all points of a narrow window, and a neighbour on either side", () => {
    const line = downsample(x, x, { ...everything, from: 10, to: 12, points: 500 });
    expect(line.x).toEqual([9, 10, 11, 12, 13]);
  });

  it("spreads its buckets evenly in log x", () => {
    const line = downsample(x, x, { ...everything, from: 1, logX: true, points: 100 });
    expect(line.x.filter((at) => at <= 1000).length).toBeGreaterThan(40);
  });

  it("leaves a gap where a value is not a number", () => {
    const y = x.map(() => 1);
    y[50_000] = Number.NaN;
    expect(downsample(x, y, { ...everything, points: 100 }).y).toContain(null);
  });
});

describe("curves", () => {
  it("counts x in steps, examples, seconds and FLOPs", async () => {
    const xs = async (axis: CurvesQuery["axis"]) =>
      (await curves({ ...query, axis }, each(run("a", [3, 2, 1])))).metrics[0]!.curves[0]!.raw.x;
    expect(await xs("step")).toEqual([1, 2, 3]);
    expect(await xs("examples")).toEqual([32, 64, 96]);
    expect(await xs("time")).toEqual([0, 2, 4]);
    expect(await xs("flops")).toEqual([1e9, 2e9, 3e9]);
  });

  it("names runs whose record does not give an axis", async () => {
    const unknown = { ...run("a", [1]), cost: { examples: null, flops: null } };
    const answer = await curves({ ...query, axis: "examples", smoothing: 0.9 }, each(unknown));
    expect(answer.missing).toEqual([{ run: "a", why: "its record does not give the batch size" }]);
    expect(answer.metrics).toEqual([{ name: "train/loss", curves: [], bands: [] }]);
  });

  it("joins a group to mean ± standard deviation, by hand", async () => {
    const groups = [{ name: "g", runs: ["a", "b", "c"] }];
    const runs = each(run("a", [1, 2]), run("b", [2, 4]), run("c", [3, 6]));
    const { bands, curves: single } = (await curves({ ...query, groups }, runs)).metrics[0]!;
    expect(single).toEqual([]);
    // Deviations −1 0 1 and −2 0 2 over n − 1 = 2.
    expect(bands).toEqual([{ group: "g", x: [1, 2], mean: [2, 4], low: [1, 2], high: [3, 6], runs: 3 }]);
  });

  it("says of a group how many of its runs stopped being numbers, and where the first did", async () => {
    const groups = [{ name: "g", runs: ["a", "b", "c"] }];
    const runs = each(run("a", [1, 2, 3]), run("b", [3, "NaN", "NaN"]), run("c", [2, 2, "Infinity"]));
    const [band] = (await curves({ ...query, groups }, runs)).metrics[0]!.bands;
    expect(band).toMatchObject({ mean: [2, 2, 3], runs: 3, nonFinite: { first: 2, runs: 2 } });
  });

  it("interpolates runs of other steps, and continues none beyond its end", async () => {
    const groups = [{ name: "g", runs: ["a", "b"] }];
    const runs = each(run("a", [0, 1, 2, 3, 4, 5, 6, 7, 8]), run("b", [1, 5], "train/loss", 4));
    const [band] = (await curves({ ...query, groups, points: 9 }, runs)).metrics[0]!.bands;
    expect(band!.x).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // b is 1 at step 4 and 5 at step 8: x − 3 between, where a is x − 1.
    expect(band!.mean).toEqual([0, 1, 2, 2, 3, 4, 5, 6, 8]);
  });

  it("smooths all lines of a chart over the same stretch, that of the longest", async () => {
    const long = run("long", [1, 2], "train/loss", 5000);
    const short = run("short", [1, 9, 1, 9]);
    const [curve] = (await curves({ ...query, smoothing: 0.9 }, each(short, long))).metrics[0]!.curves;
    const { x, y } = curve!.raw;
    const expected = smoothed(Float64Array.from(x), Float64Array.from(y as number[]), 0.9, 5000);
    expect(curve!.smooth!.y).toEqual(Array.from(expected, digits));
  });

  it("says where a metric stopped being a number", async () => {
    const [curve] = (await curves(query, each(run("a", [1, "NaN", "Infinity"])))).metrics[0]!.curves;
    expect(curve!.nonFinite).toEqual({ first: 2, count: 2 });
    expect(curve!.raw.y).toEqual([1, null, null]);
  });

  it("goes through the runs one after the other, so that tables beyond the store's memory can be let go", async () => {
    let open = 0;
    const seen: string[] = [];
    const runs: ChartRuns = async function* () {
      for (const id of ["a", "b", "c"]) {
        open += 1;
        expect(open).toBe(1);
        seen.push(id);
        yield run(id, [1, 2, 3]);
        open -= 1;
      }
    };
    const groups = [{ name: "g", runs: ["a", "b"] }];
    const [metric] = (await curves({ ...query, groups, smoothing: 0.5 }, runs)).metrics;
    expect([metric!.bands[0]!.runs, metric!.curves.length]).toEqual([2, 1]);
    expect(seen.join("")).toBe("abcabc");
  });
});

describe("heat", () => {
  it("takes recorded steps as columns where they are few, and means of stretches where not", () => {
    const few = heat({ run: "a", metrics: ["train/loss", "absent"], axis: "step", columns: 10 }, run("a", [5, 6, 7]));
    expect(few).toEqual({
      x: [1, 2, 3],
      rows: [
        { name: "train/loss", values: [5, 6, 7] },
        { name: "absent", values: [null, null, null] },
      ],
    });
    const many = heat({ run: "a", metrics: ["train/loss"], axis: "step", columns: 2 }, run("a", [1, 1, 1, 5, 5, 5, 5]));
    expect(many.rows[0]!.values).toEqual([1, 5]);
  });
});

describe("stepCost", () => {
  it("prefers what the record says, and counts a model's FLOPs by hand otherwise", () => {
    const model = { width: 8, depth: 2, mlpWidth: 16, imageSide: 8, patchSide: 4, channels: 3 };
    expect(stepCost({ flopsPerStep: 7, config: { batchSize: 4, model } })).toEqual({ examples: 4, flops: 7 });
    // 4 tokens; weights 2·(4·64 + 2·8·16) + 3·16·8 = 1408; 4·(6·1408 + 12·2·4·8) an image.
    expect(stepCost({ config: { batch: 2, model } })).toEqual({ examples: 2, flops: 2 * 4 * (8448 + 768) });
    expect(stepCost({})).toEqual({ examples: null, flops: null });
  });
});
