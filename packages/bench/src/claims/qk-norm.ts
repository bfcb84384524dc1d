import type { ViTConfig } from "@vitscale/vit";
import { tokenCount } from "@vitscale/vit";
import { defineClaim, type Finding, type Table } from "../claim.ts";
import { digits } from "../report/format.ts";
import { verdictOf } from "../rules.ts";
import { mean } from "../statistics/summary.ts";
import { largestLogit, type Run, type SweepPlan, sweep } from "../training/sweep.ts";
import { smallModel } from "./shared.ts";

interface Plan extends SweepPlan {
  readonly models: Readonly<Record<string, ViTConfig>>;
}

/** Logits above this size are where Wortsman et al. saw runs diverge. */
const divergingLogit = 1e4;
/** Entropy as a share of ln(tokens) below which a block attends to one token only. */
const collapsedShare = 0.05;

/** A sweep of the learning rate with and without norms of queries and keys, watching every block's attention. */
export const qkNorm = defineClaim<Plan, readonly Run[]>({
  name: "qk-norm",
  title: "QK norm against divergence at high learning rates",
  version: 2,
  seconds: { quick: 75, full: 1200 },
  statements: {
    sensitivity: {
      kind: "paper",
      says: "With QK norm the loss depends less on the learning rate, and high rates train",
      source: "Dehghani et al. 2023 §2; Wortsman et al. 2023 §3.1",
      printed: "at 8 B parameters training diverged without; a 1.2 B language model trains at 0.3 with it",
      rule:
        "sensitivity = mean over rates of min(final, initial training loss) − the least final loss of its own sweep (Wortsman et al. 2023 §2.2); " +
        "reproduced: with QK norm at most half of that without; same direction: less; else not seen",
    },
    stable: {
      kind: "paper",
      says: "The highest rate that trains is higher with QK norm",
      source: "Wortsman et al. 2023 §3.1.1",
      printed: "a 1.2 B language model trains at 0.3 with it; without, the rate falls as size grows",
      rule:
        "a rate is stable where every seed's training, of initial less final loss, gained at least half of what the best of its own sweep did; reproduced: the " +
        "highest stable rate is higher with QK norm at every size; same direction: at some, and lower at none; else not seen",
    },
    logits: {
      kind: "paper",
      says: "Without QK norm the attention logits grow without bound at high learning rates",
      source: "Dehghani et al. 2023 §2; Wortsman et al. 2023 §3.1",
      printed: "above 50,000 in ViT-22B's trial; runs above about 10,000 diverge",
      rule:
        "reproduced: at some rate the largest |logit| without QK norm exceeds 10,000, or is no number, and with it stays below 1,000 at every " +
        "rate; same direction: the largest without is 10 times the largest with; else not seen",
    },
    entropy: {
      kind: "paper",
      says: "Attention collapses to single tokens without QK norm, and does not with it",
      source: "Dehghani et al. 2023 §2",
      printed: "attention weights become almost one-hot, with near-zero entropy",
      rule:
        "reproduced: at some rate the last observed entropy of some block without QK norm is below 5 % of ln(tokens), or is no number, and with " +
        "it every block stays above at every rate; same direction: the least entropy without is less than half of the least with; else not seen",
    },
    bound: {
      kind: "paper",
      isExact: true,
      says: "With QK norm no logit exceeds √headWidth · max|query scale| · max|key scale|",
      source: "follows from Dehghani et al. 2023 §2",
      printed: "a bound",
      rule: "reproduced: it holds for every block in every observation, to a rounding error of 1e-5; else not seen",
    },
  },

  plan(scale) {
    const isQuick = scale === "quick";
    const small = smallModel();
    return {
      models: isQuick
        ? { small }
        : { small, wider: { ...small, width: 128, heads: 4, mlpWidth: 512 }, deeper: { ...small, depth: 8 } },
      learningRates: [...(isQuick ? [] : [3e-4]), 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1],
      seeds: isQuick ? [0] : [0, 1, 2],
      ...{ steps: 600, batch: 64, trainImages: 4096 },
    };
  },

  async measure(plan, bench) {
    const kinds = Object.entries(plan.models).flatMap(([name, model]) => [
      { name, qkNorm: false, model: { ...model, qkNorm: "none" as const } },
      { name, qkNorm: true, model: { ...model, qkNorm: "rms" as const } },
    ]);
    const runs: Run[] = [];
    for (const [index, kind] of kinds.entries()) {
      const progress = (share: number, doing: string) => bench.progress((index + share) / kinds.length, doing);
      runs.push(...(await sweep(kind, plan, { ...bench, progress })));
    }
    return runs;
  },

  judge(runs, { models }) {
    const tokens = Math.min(...Object.values(models).map(tokenCount));
    const [without, withNorm] = [runs.filter(({ qkNorm }) => !qkNorm), runs.filter(({ qkNorm }) => qkNorm)];
    const sensitivities = [sensitivity(without), sensitivity(withNorm)] as const;
    const logits = [largestLogit(without), largestLogit(withNorm)] as const;
    const entropies = [leastEntropy(without), leastEntropy(withNorm)] as const;
    const broken = withNorm.flatMap(boundExcess);
    return {
      sensitivity: {
        measured: `${digits(sensitivities[1])} nats with, ${digits(sensitivities[0])} without`,
        verdict: verdictOf(sensitivities[1] <= sensitivities[0] / 2, sensitivities[1] < sensitivities[0]),
      },
      stable: judgeStable(Object.keys(models), withNorm, without),
      logits: {
        measured: `largest |logit| ${digits(logits[1])} with, ${digits(logits[0])} without`,
        verdict: verdictOf(logits[0] > divergingLogit && logits[1] < divergingLogit / 10, logits[0] > 10 * logits[1]),
      },
      entropy: {
        measured: `least entropy of a block ${digits(entropies[1])} nats with, ${digits(entropies[0])} without (ln ${tokens} = ${digits(Math.log(tokens))})`,
        verdict: verdictOf(
          entropies[0] < collapsedShare * Math.log(tokens) && entropies[1] >= collapsedShare * Math.log(tokens),
          entropies[0] < entropies[1] / 2,
        ),
      },
      bound: {
        measured: `largest |logit| / bound ${digits(Math.max(...broken), 5)} of ${broken.length} observations`,
        verdict: verdictOf(Math.max(...broken) <= 1 + 1e-5, false),
      },
    };
  },

  tables: (runs, plan) => Object.keys(plan.models).map((model) => sweepTable(model, runs, plan)),
});

/** E_rate[min(final, initial) − best], the best over the runs of the same model. */
function sensitivity(runs: readonly Run[]): number {
  const final = ({ outcome }: Run) => outcome.finalLoss ?? Number.POSITIVE_INFINITY;
  const best = (model: string) => Math.min(...runs.filter((run) => run.model === model).map(final));
  return mean(runs.map((run) => Math.min(final(run), run.outcome.initialLoss) - best(run.model)));
}

/** Compares the highest stable rates of every size. */
function judgeStable(names: readonly string[], withNorm: readonly Run[], without: readonly Run[]): Finding {
  const rates = names.map((name) => {
    const of = (runs: readonly Run[]) => highestStableRate(runs.filter(({ model }) => model === name));
    return { name, norm: of(withNorm), plain: of(without) };
  });
  const isHigher = rates.map(({ norm, plain }) => norm > plain);
  const isLower = rates.some(({ norm, plain }) => norm < plain);
  const show = (rate: number) => (rate === 0 ? "none" : `${rate}`);
  return {
    measured: rates.map(({ name, norm, plain }) => `${name}: ${show(norm)} with, ${show(plain)} without`).join("; "),
    verdict: verdictOf(isHigher.every(Boolean), isHigher.some(Boolean) && !isLower),
  };
}

/** The highest rate at which every seed gained at least half of what the best of these trainings did; 0 where there is none. */
export function highestStableRate(runs: readonly Run[]): number {
  const gain = ({ outcome: { initialLoss, finalLoss } }: Run) => initialLoss - (finalLoss ?? Number.POSITIVE_INFINITY);
  const enough = Math.max(...runs.map(gain)) / 2;
  const isStable = (run: Run) => gain(run) > 0 && gain(run) >= enough;
  const unstable = new Set(runs.filter((run) => !isStable(run)).map(({ learningRate }) => learningRate));
  return Math.max(0, ...runs.map(({ learningRate }) => learningRate).filter((rate) => !unstable.has(rate)));
}

/** Over the last observation of each run; an entropy that is no number counts as 0. */
function leastEntropy(runs: readonly Run[]): number {
  return Math.min(...runs.flatMap(({ outcome }) => outcome.health.at(-1)?.entropy.map((value) => value ?? 0) ?? []));
}

/** Largest |logit| over its bound, for every block in every observation. */
function boundExcess({ outcome }: Run): number[] {
  return outcome.health.flatMap(({ maxLogit, bound }) =>
    maxLogit.map((logit, block) => (logit ?? Number.POSITIVE_INFINITY) / (bound[block] ?? Number.POSITIVE_INFINITY)),
  );
}

function sweepTable(model: string, runs: readonly Run[], { steps, batch, learningRates, seeds }: Plan): Table {
  const cell = (learningRate: number, qkNorm: boolean, show: (chosen: readonly Run[]) => string) =>
    show(runs.filter((run) => run.model === model && run.qkNorm === qkNorm && run.learningRate === learningRate));
  const loss = (chosen: readonly Run[]) =>
    digits(mean(chosen.map(({ outcome }) => outcome.finalLoss ?? Number.NaN)), 4);
  const logit = (chosen: readonly Run[]) => digits(largestLogit(chosen));
  const entropy = (chosen: readonly Run[]) => digits(leastEntropy(chosen));
  return {
    title: `${model} model, ${steps} steps of ${batch}, AdamW, clipping at 1, ${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"}`,
    columns: [
      "learning rate",
      "loss with",
      "loss without",
      "logit with",
      "logit without",
      "entropy with",
      "entropy without",
    ],
    rows: learningRates.map((rate) => [
      `${rate}`,
      ...[loss, logit, entropy].flatMap((show) => [cell(rate, true, show), cell(rate, false, show)]),
    ]),
    note: "Loss: mean of the last tenth. Logit: largest of any block at any time. Entropy: least of any block at the end, in nats.",
  };
}
