import type { OptimizerConfig } from "@vitscale/train";
import { defineClaim } from "../claim.ts";
import { overSeeds } from "../report/format.ts";
import { worseRule } from "../rules.ts";
import { type QualityPlan, testLosses, trainVariants } from "../training/compare-variants.ts";
import type { TrainingOutcome } from "../training/short-training.ts";
import { threeSizes } from "./by-size.ts";
import { qualityTable, shortRecipe } from "./shared.ts";

interface Plan {
  readonly quality: QualityPlan;
}

type Measurement = Readonly<Record<string, readonly TrainingOutcome[]>>;

const factored = { kind: "adafactor", weightDecay: 1e-4 } as const;
/** No side is as long: every tensor has a second moment of its own shape, as Adam's are. */
const whole = { ...factored, smallestFactoredSide: 1e6 } as const;
const optimizers = {
  "factored, 32 bits": factored,
  "factored, 16 bits": { ...factored, secondMoment: "bfloat16" },
  "whole, 32 bits": whole,
  "whole, 16 bits": { ...whole, secondMoment: "bfloat16" },
} as const satisfies Record<string, OptimizerConfig>;

const rule = `${worseRule.text}; the baseline has a second moment in 32 bits; a first moment in 16 bits in both`;
const source = "Zhai et al. 2022 §3.4";
const printed = "harmful, where a first moment in 16 bits is not; no number";

/** What rounding the second moment to 16 bits does to training. */
export const secondMoment = defineClaim<Plan, Measurement>({
  name: "second-moment",
  title: "a second moment in 16 bits",
  version: 1,
  isInChoice: false,
  seconds: { quick: 50, full: 210 },
  statements: {
    whole: {
      kind: "paper",
      says: "A second moment in 16 bits does harm where it has a number for each parameter, as in Adam",
      ...{ source, printed, rule },
    },
    factored: {
      kind: "paper",
      says: "It does so where the moment is factored, as in Adafactor",
      source: `${source} says it of second moments in general`,
      ...{ printed, rule },
    },
  },

  plan(scale) {
    const isQuick = scale === "quick";
    // Once 1 − β₂ is below 2⁻⁸, after some 1,000 steps, a moment in 16 bits stands still where gradients change slowly.
    const steps = isQuick ? 800 : 3000;
    const variants = Object.entries(optimizers).map(
      ([name, optimizer]) => [name, { model: threeSizes["width 32"]!, optimizer }] as const,
    );
    const schedule = { kind: "cosine", warmupSteps: Math.ceil(steps / 10) } as const;
    const recipe = { ...shortRecipe(scale), steps, schedule };
    return {
      quality: { ...recipe, ...(isQuick && { seeds: [0, 1] }), variants: Object.fromEntries(variants) },
    };
  },

  measure: ({ quality }, bench) => trainVariants(quality, bench, bench.progress),

  judge(outcomes) {
    const compared = (kind: "whole" | "factored") => {
      const [baseline, candidate] = [32, 16].map((bits) => testLosses(outcomes[`${kind}, ${bits} bits`]!));
      return {
        measured: `test loss ${overSeeds(candidate!)} in 16 bits, ${overSeeds(baseline!)} in 32`,
        verdict: worseRule.verdict({ candidate: candidate!, baseline: baseline! }),
      };
    };
    return { whole: compared("whole"), factored: compared("factored") };
  },

  tables: (outcomes, { quality }) => [qualityTable(quality, outcomes)],
});
