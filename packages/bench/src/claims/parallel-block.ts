import type { ViTOptions } from "@vitscale/vit";
import { defineClaim } from "../claim.ts";
import { gain, overSeeds } from "../report/format.ts";
import { fasterRule, gainRule, noLossRule } from "../rules.ts";
import { pairedRatios } from "../statistics/paired.ts";
import { testLosses } from "../training/compare-variants.ts";
import {
  measureVariants,
  planVariants,
  type VariantsMeasurement,
  type VariantsPlan,
  variantTables,
} from "./variants.ts";

const speed = gainRule(0.15);

/** Everything but the block is ViT-22B's on both sides, so parameters differ by the second norm's scale only. */
const sequential: ViTOptions = { block: "sequential", fusedInput: true, fusedOutput: false };

/** Attention and MLP beside each other against one after the other: step time at equal FLOPs, and quality. */
export const parallelBlock = defineClaim<VariantsPlan, VariantsMeasurement>({
  name: "parallel-block",
  title: "the parallel block against the sequential one, and fused against separate projections",
  version: 1,
  seconds: { quick: 60, full: 200 },
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

  plan: (scale) =>
    planVariants(scale, {
      timed: {
        parallel: {},
        "parallel, separate projections": { fusedInput: false, fusedOutput: false },
        sequential,
      },
      trained: { parallel: {}, sequential },
    }),

  measure: measureVariants,

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

  tables: variantTables,
});
