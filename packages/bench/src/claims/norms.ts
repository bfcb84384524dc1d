import type { ViTOptions } from "@vitscale/vit";
import { defineClaim } from "../claim.ts";
import { gain, overSeeds } from "../report/format.ts";
import { gainRule, noLossRule } from "../rules.ts";
import { pairedRatios } from "../statistics/paired.ts";
import { testLosses } from "../training/compare-variants.ts";
import {
  measureVariants,
  planVariants,
  type VariantsMeasurement,
  type VariantsPlan,
  variantTables,
} from "./variants.ts";

const speed = gainRule(0.07);

const variants = { rms: { norm: "rms" }, layer: { norm: "layer" } } as const satisfies Record<string, ViTOptions>;

/** Norms that do not centre, as ViT-22B's, against layer norms; neither has a bias. */
export const norms = defineClaim<VariantsPlan, VariantsMeasurement>({
  name: "norms",
  title: "RMS norms against layer norms",
  version: 1,
  isInChoice: false,
  seconds: { quick: 60, full: 135 },
  statements: {
    speed: {
      kind: "paper",
      says: "A model with RMS norms trains faster than one with layer norms",
      source: "Zhang & Sennrich 2019, whose norm Dehghani et al. 2023 §2 takes",
      printed: "7 to 64 % less running time (text models, norms that are not fused)",
      rule: speed.text,
    },
    quality: {
      kind: "paper",
      says: "Leaving the mean in costs no quality",
      source: "Dehghani et al. 2023 §2",
      printed: "no quality degradation",
      rule: noLossRule.text,
    },
  },

  plan: (scale) => planVariants(scale, { timed: variants, trained: variants }),

  measure: measureVariants,

  judge({ timing: { milliseconds }, outcomes }) {
    const ratios = pairedRatios(milliseconds.layer!, milliseconds.rms!);
    const losses = { candidate: testLosses(outcomes.rms!), baseline: testLosses(outcomes.layer!) };
    return {
      speed: { measured: gain(ratios), verdict: speed.verdict(ratios) },
      quality: {
        measured: `test loss ${overSeeds(losses.candidate)} RMS, ${overSeeds(losses.baseline)} layer`,
        verdict: noLossRule.verdict(losses),
      },
    };
  },

  tables: variantTables,
});
