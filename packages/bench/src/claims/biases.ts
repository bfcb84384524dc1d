import type { ViTOptions } from "@vitscale/vit";
import { defineClaim } from "../claim.ts";
import { gain, overSeeds } from "../report/format.ts";
import { betterRule, gainRule, noLossRule, noSlowdownRule } from "../rules.ts";
import { pairedRatios } from "../statistics/paired.ts";
import { testLosses } from "../training/compare-variants.ts";
import {
  measureVariants,
  planVariants,
  type VariantsMeasurement,
  type VariantsPlan,
  variantTables,
} from "./variants.ts";

const speed = gainRule(0.03);

/** Layer norms throughout, since an RMS norm has no bias to remove. Every other switch is ViT-22B's. */
const variants = {
  paper: { norm: "layer", biases: { qkv: false, norm: false } },
  "with QKV and norm biases": { norm: "layer", biases: { qkv: true, norm: true } },
  "without MLP biases": { norm: "layer", biases: { qkv: false, norm: false, mlp: false, attentionOutput: false } },
} as const satisfies Record<string, ViTOptions>;

/** Biases of the QKV projections and norms away, those of the MLP kept: step time and quality. */
export const biases = defineClaim<VariantsPlan, VariantsMeasurement>({
  name: "biases",
  title: "no biases in the QKV projections and norms, biases in the MLP",
  version: 1,
  seconds: { quick: 60, full: 250 },
  statements: {
    speed: {
      kind: "paper",
      says: "Without biases in the QKV projections and norms a model trains faster",
      source: "Dehghani et al. 2023 §2",
      printed: "+3 % accelerator utilisation",
      rule: speed.text,
    },
    quality: {
      kind: "paper",
      says: "Removing them costs no quality",
      source: "Dehghani et al. 2023 §2",
      printed: "no quality degradation",
      rule: noLossRule.text,
    },
    mlpQuality: {
      kind: "paper",
      says: "Biases in the MLP, which PaLM had removed, improve quality",
      source: "Dehghani et al. 2023 §2",
      printed: "quality improved",
      rule: betterRule.text,
    },
    mlpSpeed: {
      kind: "paper",
      says: "Biases in the MLP cost no time",
      source: "Dehghani et al. 2023 §2",
      printed: "no speed reduction",
      rule: noSlowdownRule.text,
    },
  },

  plan: (scale) => planVariants(scale, { timed: variants, trained: variants }),

  measure: measureVariants,

  judge({ timing: { milliseconds }, outcomes }) {
    const ratios = (first: keyof typeof variants, second: keyof typeof variants) =>
      pairedRatios(milliseconds[first]!, milliseconds[second]!);
    const losses = (name: keyof typeof variants) => testLosses(outcomes[name]!);
    const lean = ratios("with QKV and norm biases", "paper");
    const withMlp = ratios("paper", "without MLP biases");
    const [paper, all, none] = [losses("paper"), losses("with QKV and norm biases"), losses("without MLP biases")];
    return {
      speed: { measured: gain(lean), verdict: speed.verdict(lean) },
      quality: {
        measured: `test loss ${overSeeds(paper)} without, ${overSeeds(all)} with`,
        verdict: noLossRule.verdict({ candidate: paper, baseline: all }),
      },
      mlpQuality: {
        measured: `test loss ${overSeeds(paper)} with, ${overSeeds(none)} without`,
        verdict: betterRule.verdict({ candidate: paper, baseline: none }),
      },
      mlpSpeed: { measured: `${gain(withMlp)} time`, verdict: noSlowdownRule.verdict(withMlp) },
    };
  },

  tables: variantTables,
});
