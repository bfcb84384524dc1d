import { generatedShapes } from "@vitscale/data";
import { branchConfig, type TrainConfig } from "@vitscale/train";
import { type Bench, defineClaim } from "../claim.ts";
import { digits, overSeeds } from "../report/format.ts";
import { betterRule, noLossRule } from "../rules.ts";
import { type QualityPlan, testLosses, trainVariants } from "../training/compare-variants.ts";
import type { TrainingOutcome } from "../training/short-training.ts";
import { recipeOptimizer } from "../training/train-once.ts";
import { wholeRun } from "../training/whole-run.ts";
import { qualityTable, shortRecipe, smallModel } from "./shared.ts";

interface Plan {
  readonly quality: QualityPlan;
  /** One run without an end of its own, the steps at which cool-downs leave it, and how long they take. */
  readonly trunk: { readonly steps: number; readonly branches: readonly number[]; readonly cooldownSteps: number };
}

/** Training losses of a cool-down that was branched off, and of a run that had its length from the beginning. */
interface Branch {
  readonly step: number;
  readonly branched: readonly number[];
  readonly direct: readonly number[];
}

interface Measurement {
  readonly outcomes: Readonly<Record<string, readonly TrainingOutcome[]>>;
  readonly branches: readonly Branch[];
}

const names = { linear: "linear", cosine: "cosine", cooled: "rsqrt, cool-down", bare: "rsqrt, no cool-down" } as const;

/** Reciprocal square root with a cool-down at the end, against schedules that must know their length. */
export const schedules = defineClaim<Plan, Measurement>({
  name: "schedules",
  title: "rsqrt with a cool-down against linear and cosine decay",
  version: 1,
  isInChoice: false,
  seconds: { quick: 60, full: 220 },
  statements: {
    equal: {
      kind: "paper",
      says: "At equal steps, rsqrt with a cool-down ends where linear decay does",
      source: "Zhai et al. 2022 §3.5",
      printed: "about as good, in one figure",
      rule: `${noLossRule.text}; the baseline is linear decay`,
    },
    cosine: {
      kind: "paper",
      says: "Nor is it worse than cosine decay",
      source: "Zhai et al. 2022 §3.5, which compares with linear decay alone",
      printed: "no number",
      rule: `${noLossRule.text}; the baseline is cosine decay`,
    },
    cooldown: {
      kind: "paper",
      says: "The cool-down gains what the high rate held back",
      source: "Zhai et al. 2022 §3.5",
      printed: "most of the gain comes with the cool-down",
      rule: `${betterRule.text}; the baseline is the same schedule without its cool-down`,
    },
    branches: {
      kind: "paper",
      isExact: true,
      says: "One run serves many durations, by cool-downs branched off it",
      source: "Zhai et al. 2022 §3.5",
      printed: "one training for all durations",
      rule: "reproduced: every training loss of every branch equals, to the bit, that of a run that was trained for this length alone; else not seen",
    },
  },

  plan(scale) {
    const recipe = shortRecipe(scale);
    const { steps } = recipe;
    const warmupSteps = Math.ceil(steps / 10);
    const model = smallModel();
    const rsqrt = { kind: "rsqrt", warmupSteps, timescale: steps / 5 } as const;
    return {
      quality: {
        ...recipe,
        variants: {
          [names.linear]: { model, schedule: { kind: "linear", warmupSteps } },
          [names.cosine]: { model, schedule: { kind: "cosine", warmupSteps } },
          [names.cooled]: { model, schedule: { ...rsqrt, cooldownSteps: steps / 5 } },
          [names.bare]: { model, schedule: rsqrt },
        },
      },
      trunk:
        scale === "quick"
          ? { steps: 60, branches: [30, 60], cooldownSteps: 15 }
          : { steps: 900, branches: [300, 600, 900], cooldownSteps: 150 },
    };
  },

  async measure({ quality, trunk }, bench) {
    const outcomes = await trainVariants(quality, bench, (share, doing) => bench.progress(0.85 * share, doing));
    const branches = await bench.cell("branches", () => branchOff(trunk, bench));
    return { outcomes, branches };
  },

  judge({ outcomes, branches }) {
    const losses = (name: keyof typeof names) => testLosses(outcomes[names[name]]!);
    const against = (name: keyof typeof names) => ({ candidate: losses("cooled"), baseline: losses(name) });
    const measured = (name: keyof typeof names) =>
      `test loss ${overSeeds(losses("cooled"))} with a cool-down, ${overSeeds(losses(name))} ${names[name]}`;
    const largest = Math.max(...branches.map(largestDifference));
    return {
      equal: { measured: measured("linear"), verdict: noLossRule.verdict(against("linear")) },
      cosine: { measured: measured("cosine"), verdict: noLossRule.verdict(against("cosine")) },
      cooldown: { measured: measured("bare"), verdict: betterRule.verdict(against("bare")) },
      branches: {
        measured: `largest difference of a loss ${digits(largest)}, at ${branches.map(({ step }) => step).join(", ")} steps`,
        verdict: largest === 0 ? "reproduced" : "not seen at this scale",
      },
    };
  },

  tables: ({ outcomes }, { quality }) => [qualityTable(quality, outcomes)],
});

/** Infinite where a branch has no losses, or not those of the same steps. */
function largestDifference({ branched, direct }: Branch): number {
  if (branched.length === 0 || direct.length < branched.length) return Number.POSITIVE_INFINITY;
  const same = direct.slice(-branched.length);
  return Math.max(...branched.map((loss, i) => Math.abs(loss - same[i]!)));
}

/** Trains the trunk once, branches cool-downs off it, and trains runs of the same lengths from the beginning. */
async function branchOff({ steps, branches, cooldownSteps }: Plan["trunk"], bench: Bench): Promise<Branch[]> {
  const trunk = {
    model: smallModel(),
    data: { source: generatedShapes({ length: 512, side: 32 }) },
    ...{ batchSize: 32, steps, learningRate: 2e-3, logEverySteps: 1, optimizer: recipeOptimizer },
    schedule: { kind: "rsqrt", timescale: steps / 4, warmupSteps: Math.ceil(steps / 10) },
    checkpoints: { everySteps: branches[0]!, keep: branches.length },
  } satisfies TrainConfig;
  bench.progress(0.85, "training a trunk");
  const { folder: run } = await wholeRun("trunk", trunk, bench);
  const found: Branch[] = [];
  for (const step of branches) {
    bench.progress(0.9, `branching at step ${step}`);
    const branch = branchConfig(trunk, { run, step, cooldownSteps });
    const { start: _, ...direct } = branch;
    const [{ losses: branched }, { losses }] = [
      await wholeRun(`branch-${step}`, branch, bench),
      await wholeRun(`direct-${step}`, direct, bench),
    ];
    found.push({ step, branched, direct: losses });
  }
  return found;
}
