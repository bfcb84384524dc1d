import type { ViTOptions } from "@vitscale/vit";
import { defineClaim, type Verdict } from "../claim.ts";
import { overSeeds } from "../report/format.ts";
import { noLossRule, sameRule, worstOf } from "../rules.ts";
import { type QualityPlan, type TrainingVariant, testLosses, trainVariants } from "../training/compare-variants.ts";
import type { TrainingOutcome } from "../training/short-training.ts";
import { qualityTable, shortRecipe, smallModel } from "./shared.ts";

interface Plan {
  readonly quality: QualityPlan;
  /** The usual learning rate and one that is too high without the norm. */
  readonly rates: readonly [usual: number, high: number];
}

type Measurement = Readonly<Record<string, readonly TrainingOutcome[]>>;

const kinds = {
  "per head, RMS": { qkNorm: "rms" },
  "per head, layer": { qkNorm: "layer" },
  "all heads, RMS": { qkNorm: "rms", qkNormSpan: "width" },
  "per head, RMS, undivided": { qkNorm: "rms", attentionScale: "none" },
} as const satisfies Record<string, ViTOptions>;

type Kind = keyof typeof kinds;

const nameOf = (kind: Kind, rate: number) => `${kind}, rate ${rate}`;

/** What queries and keys are normalised over and by, and whether logits are divided by √headWidth. */
export const attentionNorms = defineClaim<Plan, Measurement>({
  name: "attention-norms",
  title: "kinds of QK norm: over a head or all heads, RMS or layer, with and without the division by √headWidth",
  version: 1,
  isInChoice: false,
  seconds: { quick: 90, full: 170 },
  statements: {
    span: {
      kind: "paper",
      says: "A norm of queries and keys for each head is no worse than one over all heads",
      source: "Wortsman et al. 2023, appendix (language models): normalises each head",
      printed: "per head is better",
      rule: `${noLossRule.text}; at both learning rates; the baseline is the norm over all heads`,
    },
    kind: {
      kind: "paper",
      says: "An RMS norm of queries and keys is as good as a layer norm",
      source: "Dehghani et al. 2023 §2 writes a layer norm without bias; its other norms leave the mean in",
      printed: "no number",
      rule: `${sameRule.text}; at both learning rates`,
    },
    division: {
      kind: "paper",
      says: "With QK norm it makes no difference whether logits are divided by √headWidth: the learned scale takes over",
      source: "big_vision models/vit.py keeps the division; no paper compares",
      printed: "no number",
      rule: `${sameRule.text}; at both learning rates`,
    },
  },

  plan(scale) {
    const recipe = shortRecipe(scale);
    const steps = scale === "quick" ? recipe.steps : 600;
    const rates = [recipe.learningRate, 3e-2] as const;
    const schedule = { kind: "cosine", warmupSteps: Math.ceil(steps / 10) } as const;
    const variants = (Object.keys(kinds) as Kind[]).flatMap((kind) =>
      rates.map((learningRate): [string, TrainingVariant] => [
        nameOf(kind, learningRate),
        { model: smallModel(kinds[kind]), learningRate },
      ]),
    );
    return { quality: { ...recipe, steps, schedule, variants: Object.fromEntries(variants) }, rates };
  },

  measure: ({ quality }, bench) => trainVariants(quality, bench, bench.progress),

  judge(outcomes, { rates }) {
    const losses = (kind: Kind, rate: number) => testLosses(outcomes[nameOf(kind, rate)]!);
    const compared = (other: Kind, verdictOf: (own: number[], others: number[]) => Verdict) => {
      const pairs = rates.map((rate) => [losses("per head, RMS", rate), losses(other, rate)] as const);
      return {
        measured: pairs
          .map(([own, others], i) => `test loss ${overSeeds(own)} against ${overSeeds(others)} at ${rates[i]}`)
          .join("; "),
        verdict: worstOf(pairs.map(([own, others]) => verdictOf(own, others))),
      };
    };
    const noWorse = (candidate: number[], baseline: number[]) => noLossRule.verdict({ candidate, baseline });
    const same = (...both: number[][]) => sameRule.verdict(both);
    return {
      span: compared("all heads, RMS", noWorse),
      kind: compared("per head, layer", same),
      division: compared("per head, RMS, undivided", same),
    };
  },

  tables: (outcomes, { quality }) => [qualityTable(quality, outcomes)],
});
