import type { ViTOptions } from "@vitscale/vit";
import { defineClaim } from "../claim.ts";
import { gain, overSeeds } from "../report/format.ts";
import { noSlowdownRule, sameRule } from "../rules.ts";
import { pairedRatios } from "../statistics/paired.ts";
import { testLosses } from "../training/compare-variants.ts";
import {
  measureVariants,
  planVariants,
  type VariantsMeasurement,
  type VariantsPlan,
  variantTables,
} from "./variants.ts";

const variants = {
  map: { pooling: "map" },
  gap: { pooling: "gap" },
  token: { pooling: "tok" },
} as const satisfies Record<string, ViTOptions>;

/** How tokens become one feature: attention by a learned probe, their mean, or a class token. */
export const pooling = defineClaim<VariantsPlan, VariantsMeasurement>({
  name: "pooling",
  title: "pooling by attention, by the mean, or by a class token",
  version: 1,
  isInChoice: false,
  seconds: { quick: 80, full: 240 },
  statements: {
    quality: {
      kind: "paper",
      says: "Attention pooling, mean and class token give models of the same quality",
      source: "Zhai et al. 2022 §3.2",
      printed: "all perform similarly",
      rule: sameRule.text,
    },
    tokenSpeed: {
      kind: "paper",
      says: "Without the class token, whose 257th place accelerators pad, a step is no slower",
      source: "Zhai et al. 2022 §3.2",
      printed: "the token costs memory on TPU; no time is printed",
      rule: noSlowdownRule.text,
    },
  },

  plan: (scale) => planVariants(scale, { timed: variants, trained: variants }),

  measure: measureVariants,

  judge({ timing: { milliseconds }, outcomes }) {
    const losses = Object.fromEntries(Object.entries(outcomes).map(([name, runs]) => [name, testLosses(runs)]));
    const ratios = pairedRatios(milliseconds.gap!, milliseconds.token!);
    return {
      quality: {
        measured: `test loss ${Object.entries(losses)
          .map(([name, values]) => `${overSeeds(values)} ${name}`)
          .join(", ")}`,
        verdict: sameRule.verdict(Object.values(losses)),
      },
      tokenSpeed: { measured: `${gain(ratios)} time`, verdict: noSlowdownRule.verdict(ratios) },
    };
  },

  tables: variantTables,
});
