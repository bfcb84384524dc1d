import { defineClaim } from "../claim.ts";
import { digits, overSeeds } from "../report/format.ts";
import { verdictOf, worseRule } from "../rules.ts";
import { mean } from "../statistics/summary.ts";
import { type QualityPlan, type TrainingVariant, testLosses, trainVariants } from "../training/compare-variants.ts";
import { qkNormScales } from "../training/initial-values.ts";
import type { TrainingOutcome } from "../training/short-training.ts";
import { recipeOptimizer } from "../training/train-once.ts";
import { qualityTable, shortRecipe, smallModel } from "./shared.ts";

interface Plan {
  readonly quality: QualityPlan;
  /** Largest |logit| that is possible, smallest first; 0 is attention that is even whatever the images. */
  readonly sizes: readonly number[];
}

type Measurement = Readonly<Record<string, readonly TrainingOutcome[]>>;

const nameOf = (size: number) => `logits to ${size}`;

/** Where Wortsman et al. saw quality fall, and where it was worse than that of a bigram model. */
const [large, largest] = [1e3, 1e4];

/** Trains with attention logits of a size that is given instead of learned. */
export const logitSize = defineClaim<Plan, Measurement>({
  name: "logit-size",
  title: "quality by the size that attention logits are forced to",
  version: 1,
  isInChoice: false,
  seconds: { quick: 50, full: 190 },
  statements: {
    degradation: {
      kind: "paper",
      says: "Quality falls where attention logits are forced to a size near 1,000",
      source: "Wortsman et al. 2023 §3.3",
      printed: "a figure: the loss of a language model of 10 M parameters rises near 1,000",
      rule:
        `logit = κ·cos(query, key) by QK norms of fixed scale; the baseline is the κ > 0 below ${large} of least mean test loss; reproduced: at ${large} it is above ` +
        "the baseline's by more than the larger of the two standard deviations over seeds, and at no smaller κ above the baseline's is it so; same direction: it is, " +
        "but at a smaller κ, too; else not seen",
    },
    trivial: {
      kind: "paper",
      says: "At 10,000 it is worse than with attention that looks at nothing",
      source: "Wortsman et al. 2023 §3.3",
      printed: "worse than a bigram model, which looks at one token only",
      rule: `${worseRule.text}; the candidate has κ = ${largest}, the baseline κ = 0: attention that is even, whatever the image shows`,
    },
  },

  plan(scale) {
    const isQuick = scale === "quick";
    const recipe = shortRecipe(scale);
    const steps = isQuick ? recipe.steps : 1000;
    const sizes = isQuick ? [0, 10, large, largest] : [0, 1, 10, 100, large, largest];
    const schedule = { kind: "cosine", warmupSteps: Math.ceil(steps / 10) } as const;
    const variants = sizes.map((size): [string, TrainingVariant] => [
      nameOf(size),
      {
        model: smallModel(),
        optimizer: { ...recipeOptimizer, frozen: [qkNormScales] },
        start: { kind: "logit-size", size },
      },
    ]);
    return { quality: { ...recipe, steps, schedule, variants: Object.fromEntries(variants) }, sizes };
  },

  measure: ({ quality }, bench) => trainVariants(quality, bench, bench.progress),

  judge(outcomes, { sizes }) {
    const losses = (size: number) => testLosses(outcomes[nameOf(size)]!);
    const smaller = sizes.filter((size) => size > 0 && size < large);
    const best = smaller.reduce((least, size) => (mean(losses(size)) < mean(losses(least)) ? size : least));
    const isWorse = (size: number) =>
      worseRule.verdict({ candidate: losses(size), baseline: losses(best) }) === "reproduced";
    const isEarlier = smaller.some((size) => size > best && isWorse(size));
    const show = (size: number) => `${overSeeds(losses(size))} at ${digits(size, 1)}`;
    return {
      degradation: {
        measured: `test loss ${[...smaller, large].map(show).join(", ")}`,
        verdict: verdictOf(isWorse(large) && !isEarlier, isWorse(large)),
      },
      trivial: {
        measured: `test loss ${show(largest)}, ${show(0)}`,
        verdict: worseRule.verdict({ candidate: losses(largest), baseline: losses(0) }),
      },
    };
  },

  tables: (outcomes, { quality }) => [qualityTable(quality, outcomes)],
});
