import { bytesPerElement, type HostTensor, isHostTensor, sizeOf, treeEntries } from "@vitscale/core";
import { buildOptimizer, type OptimizerConfig } from "@vitscale/train";
import { init, type ViTConfig, vit22b } from "@vitscale/vit";
import { defineClaim, notMeasurable } from "../claim.ts";
import { bytes, digits, overSeeds } from "../report/format.ts";
import { betterRule, noLossRule } from "../rules.ts";
import { standardDeviation } from "../statistics/summary.ts";
import { type QualityPlan, testLosses, trainVariants } from "../training/compare-variants.ts";
import type { TrainingOutcome } from "../training/short-training.ts";
import { recipeOptimizer } from "../training/train-once.ts";
import { threeSizes } from "./by-size.ts";
import { qualityTable, shortRecipe, smallModel } from "./shared.ts";

interface Plan {
  readonly quality: QualityPlan;
  /** A smaller model, trained for longer: the cap acts late. Null where there is no time for it. */
  readonly long: QualityPlan | null;
  /** Whose optimizer states are counted. */
  readonly counted: ViTConfig;
}

interface Measurement {
  readonly outcomes: Readonly<Record<string, readonly TrainingOutcome[]>>;
  readonly long: Readonly<Record<string, readonly TrainingOutcome[]>> | null;
  /** Bytes of the state for the counted model. */
  readonly stateBytes: Readonly<Record<string, number>>;
}

const weightDecay = 1e-4;
const optimizers = {
  AdamW: recipeOptimizer,
  Adafactor: { kind: "adafactor", weightDecay },
  "Adafactor, float32 moment": { kind: "adafactor", weightDecay, firstMoment: "float32" },
  "Adafactor, uncapped": { kind: "adafactor", weightDecay, beta2Cap: 1 },
} as const satisfies Record<string, OptimizerConfig>;

type OptimizerName = keyof typeof optimizers;

/** Below it the state counts as a quarter of Adam's: what is not the first moment in 16 bits may be a fifth of that. */
const quarter = 0.3;

/** The variant of Adafactor that trained ViT-G, against AdamW. */
export const adafactorVariant = defineClaim<Plan, Measurement>({
  name: "optimizers",
  title: "ViT-G's variant of Adafactor against AdamW",
  version: 1,
  isInChoice: false,
  seconds: { quick: 60, full: 380 },
  statements: {
    memory: {
      kind: "paper",
      isExact: true,
      says: "The variant of Adafactor remembers a quarter of what Adam does",
      source: "Zhai et al. 2022 §3.4",
      printed: "a first moment in 16 bits and two vectors a matrix, against two moments in 32 bits",
      rule: `reproduced: its state for ViT-S/16 has at most ${quarter} of the bytes of AdamW's; same direction: fewer; else not seen`,
    },
    loss: {
      kind: "paper",
      says: "It trains as well as Adam",
      source: "Zhai et al. 2022 §3.4",
      printed: "on par with Adam",
      rule: `${noLossRule.text}; one learning rate for both`,
    },
    halfPrecision: {
      kind: "paper",
      says: "A first moment in 16 bits does no harm",
      source: "Zhai et al. 2022 §3.4",
      printed: "no effect on the outcome",
      rule: `${noLossRule.text}; the baseline has a first moment in 32 bits`,
    },
    cap: {
      kind: "paper",
      says: "The decay of the second moment is better kept below 0.999 than let grow to 1",
      source: "Zhai et al. 2022 §3.4",
      printed: "a cap of 0.999 instead of 1 − t^−0.8",
      rule:
        `${betterRule.text}; 1 − t^−0.8 passes 0.999 after 5,623 steps, so only longer trainings can tell: not measurable where the losses ` +
        "of every seed, with and without, differ by less than a hundredth of the deviation over seeds",
    },
  },

  plan: (scale) => ({
    quality: { ...shortRecipe(scale), variants: trainedWith(["AdamW", "Adafactor", "Adafactor, float32 moment"]) },
    long:
      scale === "quick"
        ? null
        : {
            ...shortRecipe(scale),
            steps: 7000,
            variants: trainedWith(["Adafactor", "Adafactor, uncapped"], threeSizes["width 32"]),
          },
    counted: vit22b("S/16", { pooling: "gap" }),
  }),

  async measure({ quality, long, counted }, bench) {
    const params = init(counted, 0);
    const stateBytes = Object.fromEntries(
      Object.entries(optimizers).map(([name, optimizer]) => [
        name,
        treeBytes(buildOptimizer(optimizer, counted).initOnHost(params)),
      ]),
    );
    const outcomes = await trainVariants(quality, bench, (share, doing) =>
      bench.progress((long === null ? 1 : 0.4) * share, doing),
    );
    if (long === null) return { stateBytes, outcomes, long };
    const longer = await trainVariants(long, bench, (share, doing) => bench.progress(0.4 + 0.6 * share, doing));
    return { stateBytes, outcomes, long: longer };
  },

  judge({ stateBytes, outcomes, long }) {
    const share = stateBytes.Adafactor! / stateBytes.AdamW!;
    const compared = (candidate: OptimizerName, baseline: OptimizerName, from = outcomes) => {
      const values = { candidate: testLosses(from[candidate]!), baseline: testLosses(from[baseline]!) };
      return {
        values,
        measured: `test loss ${overSeeds(values.candidate)} ${candidate}, ${overSeeds(values.baseline)} ${baseline}`,
      };
    };
    const [loss, half] = [compared("Adafactor", "AdamW"), compared("Adafactor", "Adafactor, float32 moment")] as const;
    const cap = long && compared("Adafactor", "Adafactor, uncapped", long);
    return {
      memory: {
        measured: `${digits(share)} of AdamW's: ${bytes(stateBytes.Adafactor!)} against ${bytes(stateBytes.AdamW!)}`,
        verdict: share <= quarter ? "reproduced" : share < 1 ? "same direction" : "not seen at this scale",
      },
      loss: { measured: loss.measured, verdict: noLossRule.verdict(loss.values) },
      halfPrecision: { measured: half.measured, verdict: noLossRule.verdict(half.values) },
      cap:
        cap === null
          ? notMeasurable(`the cap acts after ${stepsBelowCap} steps only; --full trains longer`)
          : hasNoEffect(cap.values)
            ? { ...notMeasurable(capTooShort), measured: cap.measured }
            : { measured: cap.measured, verdict: betterRule.verdict(cap.values) },
    };
  },

  tables: ({ outcomes, long }, { quality, long: plan }) => [
    qualityTable(quality, outcomes),
    ...(long && plan ? [qualityTable(plan, long)] : []),
  ],
});

function trainedWith(names: readonly OptimizerName[], model = smallModel()): QualityPlan["variants"] {
  return Object.fromEntries(names.map((name) => [name, { model, optimizer: optimizers[name] }]));
}

/** Where 1 − (t + 1)^−0.8 reaches 0.999. */
const stepsBelowCap = Math.ceil(0.001 ** (-1 / 0.8)) - 1;

const capTooShort = "it acts too late in these trainings";

/** Whether every seed ends where it would without the cap, but for what is small beside the differences between seeds. */
function hasNoEffect({
  candidate,
  baseline,
}: {
  readonly candidate: readonly number[];
  readonly baseline: readonly number[];
}) {
  const least = standardDeviation(baseline) / 100;
  return candidate.every((loss, seed) => Math.abs(loss - baseline[seed]!) < least);
}

function treeBytes(tree: unknown): number {
  const tensors = treeEntries<HostTensor>(tree, isHostTensor).map(([, tensor]) => tensor);
  return tensors.reduce((sum, { dtype, shape }) => sum + sizeOf(shape) * bytesPerElement(dtype), 0);
}
