import { countParameters, type ViTConfig } from "@vitscale/vit";
import { defineClaim } from "../claim.ts";
import { digits } from "../report/format.ts";
import { mean } from "../statistics/summary.ts";
import { largestLogit, type Run, type SweepPlan, sweep } from "../training/sweep.ts";
import { smallModel } from "./shared.ts";

/** Models by size, smallest first; the last one is predicted from the others. */
type Plan = SweepPlan & { readonly models: Readonly<Record<string, ViTConfig>> };

/** Fits a parabola to the logarithm of the largest logit over that of the parameters, and predicts what a larger model does. */
export const logitGrowth = defineClaim<Plan, readonly Run[]>({
  name: "logit-growth",
  title: "attention logits of a larger model, predicted from smaller ones",
  version: 1,
  isInChoice: false,
  seconds: { quick: 20, full: 130 },
  statements: {
    growth: {
      kind: "paper",
      says: "Without QK norm the attention logits early in training grow with the size of the model at a fixed rate",
      source: "Wortsman et al. 2023 §3.3",
      printed: "a figure: logits at step 2,000 by parameters and rate",
      rule:
        "means over seeds of the largest |logit| of any block after the last step; reproduced: rises with every size; same direction: from the smallest to the " +
        "largest; else not seen",
    },
    prediction: {
      kind: "paper",
      says: "What a larger model does can be predicted from smaller ones",
      source: "Wortsman et al. 2023 §3.3",
      printed: "a quadratic fit in the logarithm predicts the instability of a model larger by 4",
      rule:
        "the quadratic of log(largest logit) over log(parameters) through the other sizes, by least squares; reproduced: the largest size is within a factor of " +
        "1.5 of its prediction; same direction: within a factor of 3; else not seen",
    },
  },

  plan(scale) {
    const isQuick = scale === "quick";
    const widths = isQuick ? [16, 32, 48, 64] : [16, 32, 64, 128, 256];
    const sized = (width: number) => smallModel({ width, heads: width / 16, mlpWidth: 4 * width, qkNorm: "none" });
    return {
      models: Object.fromEntries(widths.map((width) => [`width ${width}`, sized(width)])),
      ...{ learningRates: [1e-2], seeds: isQuick ? [0] : [0, 1, 2] },
      ...{ steps: isQuick ? 150 : 300, batch: 64, trainImages: 4096 },
    };
  },

  async measure({ models, ...plan }, bench) {
    const entries = Object.entries(models);
    // A step takes about as long as its parameters are many.
    const work = entries.map(([, model]) => countParameters(model).total + 2e5);
    const total = work.reduce((sum, part) => sum + part, 0);
    const runs: Run[] = [];
    let done = 0;
    for (const [index, [name, model]] of entries.entries()) {
      const start = done;
      const progress = (share: number, doing: string) => bench.progress((start + share * work[index]!) / total, doing);
      runs.push(...(await sweep({ name, qkNorm: false, model }, plan, { ...bench, progress })));
      done += work[index]!;
    }
    return runs;
  },

  judge(runs, { models }) {
    const points = pointsOf(runs, models);
    const logits = points.map(({ logit }) => logit);
    const isRising = logits.every((logit, i) => i === 0 || logit > logits[i - 1]!);
    const last = points.at(-1)!;
    const predicted = predictLogit(points.slice(0, -1), last.parameters);
    const factor = Math.exp(Math.abs(Math.log(last.logit / predicted)));
    return {
      growth: {
        measured: `${logits.map((logit) => digits(logit)).join(", ")}, smallest model first`,
        verdict: isRising ? "reproduced" : last.logit > logits[0]! ? "same direction" : "not seen at this scale",
      },
      prediction: {
        measured: `${digits(last.logit)} where ${digits(predicted)} was predicted for ${digits(last.parameters, 2)} parameters`,
        verdict: factor <= 1.5 ? "reproduced" : factor <= 3 ? "same direction" : "not seen at this scale",
      },
    };
  },

  tables: (runs, { models, steps, learningRates }) => [
    {
      title: `Largest |logit| after ${steps} steps at learning rate ${learningRates.join(", ")}, without QK norm`,
      columns: ["model", "parameters", "largest logit"],
      rows: pointsOf(runs, models).map(({ name, parameters, logit }) => [name, `${parameters}`, digits(logit)]),
    },
  ],
});

interface Point {
  readonly name: string;
  readonly parameters: number;
  /** Mean over seeds of the largest of any block, after the last step. */
  readonly logit: number;
}

function pointsOf(runs: readonly Run[], models: Plan["models"]): Point[] {
  return Object.entries(models).map(([name, model]) => ({
    name,
    parameters: countParameters(model).total,
    logit: mean(
      runs
        .filter((run) => run.model === name)
        .map((run) => largestLogit([{ ...run, outcome: { ...run.outcome, health: run.outcome.health.slice(-1) } }])),
    ),
  }));
}

/** The parabola of log(logit) over log(parameters) by least squares, at another number of parameters. */
export function predictLogit(points: readonly Omit<Point, "name">[], parameters: number): number {
  // Around the mean, the normal equations are well conditioned.
  const center = mean(points.map((point) => Math.log(point.parameters)));
  const rows = points.map((point) => {
    const x = Math.log(point.parameters) - center;
    return { features: [1, x, x * x], target: Math.log(point.logit) };
  });
  const normal = [0, 1, 2].map((i) => [
    ...[0, 1, 2].map((j) => rows.reduce((sum, { features }) => sum + features[i]! * features[j]!, 0)),
    rows.reduce((sum, { features, target }) => sum + features[i]! * target, 0),
  ]);
  const [a, b, c] = solve(normal) as [number, number, number];
  const x = Math.log(parameters) - center;
  return Math.exp(a + b * x + c * x * x);
}

/** Solves a square system [A | y] by Gauss–Jordan elimination with pivots. */
function solve(system: number[][]): number[] {
  const size = system.length;
  for (let column = 0; column < size; column++) {
    const below = system.slice(column);
    const pivot =
      column + below.reduce((best, row, i) => (Math.abs(row[column]!) > Math.abs(below[best]![column]!) ? i : best), 0);
    [system[column], system[pivot]] = [system[pivot]!, system[column]!];
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const factor = system[row]![column]! / system[column]![column]!;
      system[row] = system[row]!.map((value, i) => value - factor * system[column]![i]!);
    }
  }
  return system.map((row, i) => row[size]! / row[i]!);
}
