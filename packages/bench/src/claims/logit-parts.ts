import type { ViTConfig } from "@vitscale/vit";
import { defineClaim, type Table } from "../claim.ts";
import { digits, overSeeds } from "../report/format.ts";
import { verdictOf } from "../rules.ts";
import { mean } from "../statistics/summary.ts";
import { type LogitParts, logitPartsProbe } from "../training/logit-parts.ts";
import { type Run, type SweepPlan, sweepWatched } from "../training/sweep.ts";
import { smallModel } from "./shared.ts";

interface Plan extends SweepPlan {
  readonly model: ViTConfig;
}

type Measurement = readonly Run<LogitParts>[];
type Seen = Measurement[number]["outcome"]["health"][number];

/** How much of the growth of the largest logits the norms must make up. */
const mostly = 0.75;
/** How much the largest logits must grow for their growth to have parts. */
const leastGrowth = 2;
/** How much of the growth of norms that of alignment may come to. */
const little = 0.25;

/** Takes the growth of attention logits without QK norm apart into norms of queries and keys, and their alignment. */
export const logitPartsClaim = defineClaim<Plan, Measurement>({
  name: "logit-parts",
  title: "what grows in attention logits: norms of queries and keys, or their alignment",
  version: 1,
  isInChoice: false,
  seconds: { quick: 20, full: 120 },
  statements: {
    largest: {
      kind: "paper",
      says: "The largest attention logits grow because queries and keys become longer, not because they align",
      source: "Wortsman et al. 2023 §3.1",
      printed: "norms, not alignment; no share is printed",
      rule:
        "of the pair with the largest |logit| in each block, log|logit| = log‖q‖ + log‖k‖ + log|cos| − ½·log(headWidth), before the first and after the last step; share " +
        `= growth of log‖q‖ + log‖k‖ over that of log|logit|, means over blocks; reproduced: at least ${mostly} in every training, and the logits grow ` +
        `by a factor of ${leastGrowth} or more; same direction: the logits do, and the mean share at every rate is above a half; else not seen`,
    },
    typical: {
      kind: "paper",
      says: "Nor do queries and keys in general: their mean |cos| grows less than their norms",
      source: "Wortsman et al. 2023 §3.1",
      printed: "norms, not alignment; no number is printed",
      rule:
        "growth of the logarithm of the mean |cos| of all pairs, and of the product of the mean norms, means over blocks; reproduced: the norms' is positive " +
        `and the alignment's at most ${little} of it in every training; same direction: less than it on average at every rate; else not seen`,
    },
  },

  plan(scale) {
    const isQuick = scale === "quick";
    return {
      model: smallModel({ qkNorm: "none" }),
      learningRates: isQuick ? [3e-2] : [1e-2, 3e-2],
      seeds: isQuick ? [0] : [0, 1, 2],
      ...{ steps: isQuick ? 600 : 1500, batch: 64, trainImages: 4096 },
    };
  },

  measure: ({ model, ...plan }, bench) =>
    sweepWatched({ name: "small", qkNorm: false, model }, plan, bench, logitPartsProbe(model, bench.engine)),

  judge(runs, { learningRates }) {
    const growths = runs.map((run) => ({ rate: run.learningRate, ...growthOf(run) }));
    const atRates = learningRates.map((rate) => growths.filter((growth) => growth.rate === rate));
    const share = ({ logit, norms }: Growth) => norms / logit;
    const typicalShare = ({ meanNorms, meanAlignment }: Growth) => meanAlignment / meanNorms;
    const isGrown = growths.every(({ logit }) => Math.exp(logit) >= leastGrowth);
    const isLonger = growths.every(({ meanNorms }) => meanNorms > 0);
    const isOnAverage = (is: (share: number) => boolean, of: typeof share) =>
      atRates.every((some) => is(mean(some.map(of))));
    const list = (show: (some: readonly Growth[]) => string) =>
      atRates.map((some, i) => `${show(some)} at ${learningRates[i]}`).join("; ");
    const over = (some: readonly Growth[], value: (growth: Growth) => number) => overSeeds(some.map(value), 3);
    return {
      largest: {
        measured: list((some) => {
          const percent = over(some, (growth) => 100 * share(growth));
          return `${percent} % of a growth by ${over(some, ({ logit }) => Math.exp(logit))}`;
        }),
        verdict: verdictOf(
          isGrown && growths.every((growth) => share(growth) >= mostly),
          isGrown && isOnAverage((value) => value > 0.5, share),
        ),
      },
      typical: {
        measured: list((some) => {
          const alignment = over(some, ({ meanAlignment }) => Math.exp(meanAlignment));
          return `mean |cos| by a factor of ${alignment}, norms by ${over(some, ({ meanNorms }) => Math.exp(meanNorms))}`;
        }),
        verdict: verdictOf(
          isLonger && growths.every((growth) => typicalShare(growth) <= little),
          isLonger && isOnAverage((value) => value < 1, typicalShare),
        ),
      },
    };
  },

  tables: (runs, plan) => plan.learningRates.flatMap((rate) => partTables(rate, runs, plan)),
});

/** Growth of logarithms over a training, means over blocks. */
interface Growth {
  readonly logit: number;
  /** Of the pair with the largest |logit|. */
  readonly norms: number;
  /** Of all pairs. */
  readonly meanNorms: number;
  readonly meanAlignment: number;
}

/** From the first to the last observation; NaN where a number stopped being one. */
function growthOf({ outcome: { health } }: Run<LogitParts>): Growth {
  const [first, last] = [health[0]!, health.at(-1)!];
  const grown = (...keys: readonly NumbersOf[]) => {
    const logarithm = (seen: Seen, key: NumbersOf) => mean(seen[key].map((value) => Math.log(value ?? Number.NaN)));
    return keys.reduce((total, key) => total + logarithm(last, key) - logarithm(first, key), 0);
  };
  return {
    logit: grown("maxLogit"),
    norms: grown("queryNorm", "keyNorm"),
    meanNorms: grown("meanQueryNorm", "meanKeyNorm"),
    meanAlignment: grown("meanAlignment"),
  };
}

type NumbersOf = Exclude<keyof LogitParts, "entropy" | "bound">;

/** At one rate: every block before and after, and all blocks on the way. */
function partTables(rate: number, runs: Measurement, { model, steps, seeds }: Plan): Table[] {
  const histories = runs.filter(({ learningRate }) => learningRate === rate).map(({ outcome }) => outcome.health);
  /** Mean over seeds, of one block or all. */
  const average = (at: number, key: NumbersOf, block?: number) =>
    digits(
      mean(
        histories.flatMap((health) => {
          const values = (health.at(at)?.[key] ?? []).map((value) => value ?? Number.NaN);
          return block === undefined ? values : [values[block] ?? Number.NaN];
        }),
      ),
    );
  const columns = [
    ["maxLogit", "largest |logit|"],
    ["queryNorm", "its ‖q‖"],
    ["keyNorm", "its ‖k‖"],
    ["alignment", "its |cos|"],
    ["meanQueryNorm", "mean ‖q‖"],
    ["meanKeyNorm", "mean ‖k‖"],
    ["meanAlignment", "mean |cos|"],
  ] as const;
  const titles = columns.map(([, title]) => title);
  const [history = []] = histories;
  return [
    {
      title: `By block, at learning rate ${rate}: before the first step → after step ${steps}`,
      columns: ["block", ...titles],
      rows: Array.from({ length: model.depth }, (_, block) => [
        `${block}`,
        ...columns.map(([key]) => `${average(0, key, block)} → ${average(-1, key, block)}`),
      ]),
      note: `Means over ${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"}; AdamW, clipping at 1, no QK norm.`,
    },
    {
      title: `On the way, at learning rate ${rate}`,
      columns: ["step", ...titles],
      rows: history.flatMap(({ step }, at) =>
        at % 4 === 0 ? [[`${step}`, ...columns.map(([key]) => average(at, key))]] : [],
      ),
      note: "Means over blocks and seeds.",
    },
  ];
}
