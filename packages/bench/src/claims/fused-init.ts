import { defineClaim, type Table } from "../claim.ts";
import { overSeeds } from "../report/format.ts";
import { noLossRule } from "../rules.ts";
import { mean } from "../statistics/summary.ts";
import { type QualityPlan, testLosses, trainVariants } from "../training/compare-variants.ts";
import type { TrainingOutcome } from "../training/short-training.ts";
import { qualityTable, shortRecipe, smallModel } from "./shared.ts";

interface Plan {
  readonly quality: QualityPlan;
}

type Kind = "by part" | "by whole";
type Measurement = Readonly<Record<Kind, readonly TrainingOutcome[]>>;

/** Fused kernels that begin by Xavier's rule for each part, against those that begin by it for the whole matrix. */
export const fusedInit = defineClaim<Plan, Measurement>({
  name: "fused-init",
  title: "initial values of fused kernels: by part, or by the whole matrix",
  version: 1,
  isInChoice: false,
  seconds: { quick: 30, full: 75 },
  statements: {
    early: {
      kind: "paper",
      says: "Begun by their parts, fused kernels learn at first no more slowly than begun as one matrix, with half the scale of queries, keys and values",
      source: "big_vision models/vit.py (Xavier for each part); no paper compares",
      printed: "no number",
      rule: `${noLossRule.text}; of the mean training loss over the first tenth of the steps; the baseline begins as whole matrices`,
    },
    end: {
      kind: "paper",
      says: "In the end they are no worse",
      source: "big_vision models/vit.py (Xavier for each part); no paper compares",
      printed: "no number",
      rule: `${noLossRule.text}; the baseline begins as whole matrices`,
    },
  },

  plan(scale) {
    const model = smallModel();
    const variants = { "by part": { model }, "by whole": { model, start: { kind: "xavier-of-whole" } } } as const;
    return { quality: { ...shortRecipe(scale), variants } };
  },

  async measure({ quality }, bench) {
    const outcomes = await trainVariants(quality, bench, bench.progress);
    return { "by part": outcomes["by part"]!, "by whole": outcomes["by whole"]! };
  },

  judge(outcomes) {
    const compared = (lossesOf: (runs: readonly TrainingOutcome[]) => number[], what: string) => {
      const [candidate, baseline] = [lossesOf(outcomes["by part"]), lossesOf(outcomes["by whole"])];
      return {
        measured: `${what} ${overSeeds(candidate)} by part, ${overSeeds(baseline)} by whole`,
        verdict: noLossRule.verdict({ candidate, baseline }),
      };
    };
    return { early: compared(earlyLosses, "loss"), end: compared(testLosses, "test loss") };
  },

  tables: (outcomes, { quality }) => [curveTable(outcomes, quality), qualityTable(quality, outcomes)],
});

/** Of each seed, over the first two twentieths of the steps; a training that ran away counts as infinitely bad. */
function earlyLosses(runs: readonly TrainingOutcome[]): number[] {
  return runs.map(({ curve }) => mean(curve.slice(0, 2).map((loss) => loss ?? Number.POSITIVE_INFINITY)));
}

function curveTable(outcomes: Measurement, { steps }: QualityPlan): Table {
  const kinds = Object.keys(outcomes) as Kind[];
  const parts = Math.max(...kinds.flatMap((kind) => outcomes[kind].map(({ curve }) => curve.length)));
  return {
    title: "Training loss on the way",
    columns: ["steps", ...kinds],
    rows: Array.from({ length: parts }, (_, part) => [
      `${Math.round((part * steps) / 20) + 1} … ${Math.round(((part + 1) * steps) / 20)}`,
      ...kinds.map((kind) => overSeeds(outcomes[kind].map(({ curve }) => curve[part] ?? Number.NaN))),
    ]),
    note: "Mean ± standard deviation over seeds.",
  };
}
