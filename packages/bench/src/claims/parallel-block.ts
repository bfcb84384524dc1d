import { type ViTOptions, vit22b } from "@vitscale/vit";
import { defineClaim, type Scale } from "../claim.ts";
import { gain, overSeeds } from "../report/format.ts";
import { fasterRule, gainRule, noLossRule } from "../rules.ts";
import { pairedRatios } from "../statistics/paired.ts";
import {
  type QualityPlan,
  type Timing,
  type TimingPlan,
  testLosses,
  timeVariants,
  trainVariants,
} from "../training/compare-variants.ts";
import type { TrainingOutcome } from "../training/short-training.ts";
import { qualityTable, shortRecipe, smallModel, stepTimeTable } from "./shared.ts";

interface Plan {
  readonly timing: TimingPlan;
  readonly quality: QualityPlan;
}

interface Measurement {
  readonly timing: Timing;
  readonly outcomes: Readonly<Record<string, readonly TrainingOutcome[]>>;
}

const speed = gainRule(0.15);

/** Everything but the block is ViT-22B's on both sides, so parameters differ by the second norm's scale only. */
const sequential: ViTOptions = { block: "sequential", fusedInput: true, fusedOutput: false };

/** Attention and MLP beside each other against one after the other: step time at equal FLOPs, and quality. */
export const parallelBlock = defineClaim<Plan, Measurement>({
  name: "parallel-block",
  title: "the parallel block against the sequential one, and fused against separate projections",
  version: 1,
  seconds: { quick: 60, full: 900 },
  statements: {
    speed: {
      kind: "paper",
      says: "A parallel block trains faster than a sequential one of equal FLOPs",
      source: "Chowdhery et al. 2022 §2, cited by Dehghani et al. 2023 §2",
      printed: "about 15 % faster at large scale",
      rule: speed.text,
    },
    fusion: {
      kind: "paper",
      says: "Fusing the projections of a parallel block makes it faster than the same block with separate ones",
      source: "Dehghani et al. 2023 §2",
      printed: "the reason for the 15 %; no number of its own",
      rule: fasterRule.text,
    },
    quality: {
      kind: "paper",
      says: "The parallel block costs no quality",
      source: "Chowdhery et al. 2022 §2",
      printed: "none at 62 B parameters, a small loss at 8 B",
      rule: noLossRule.text,
    },
  },

  plan(scale: Scale) {
    const isQuick = scale === "quick";
    const timed: ViTOptions = { pooling: "gap", ...(isQuick ? { depth: 4 } : {}) };
    return {
      timing: {
        batch: 8,
        ...(isQuick ? { rounds: 8, seconds: 30 } : { rounds: 30, seconds: 600 }),
        variants: {
          parallel: vit22b("S/16", timed),
          "parallel, separate projections": vit22b("S/16", { ...timed, fusedInput: false, fusedOutput: false }),
          sequential: vit22b("S/16", { ...timed, ...sequential }),
        },
      },
      quality: {
        ...shortRecipe(scale),
        variants: { parallel: smallModel(), sequential: smallModel(sequential) },
      },
    };
  },

  async measure(plan, bench) {
    const timing = await bench.cell("step-time", () =>
      timeVariants(plan.timing, bench, (share, doing) => bench.progress(0.4 * share, doing)),
    );
    const outcomes = await trainVariants(plan.quality, bench, (share, doing) =>
      bench.progress(0.4 + 0.6 * share, doing),
    );
    return { timing, outcomes };
  },

  judge({ timing: { milliseconds }, outcomes }) {
    const over = (baseline: string) => pairedRatios(milliseconds[baseline]!, milliseconds.parallel!);
    const [faster, fused] = [over("sequential"), over("parallel, separate projections")];
    const losses = { candidate: testLosses(outcomes.parallel!), baseline: testLosses(outcomes.sequential!) };
    return {
      speed: { measured: gain(faster), verdict: speed.verdict(faster) },
      fusion: { measured: gain(fused), verdict: fasterRule.verdict(fused) },
      quality: {
        measured: `test loss ${overSeeds(losses.candidate)} parallel, ${overSeeds(losses.baseline)} sequential`,
        verdict: noLossRule.verdict(losses),
      },
    };
  },

  tables: ({ timing, outcomes }, plan) => [stepTimeTable(plan.timing, timing), qualityTable(plan.quality, outcomes)],
});
