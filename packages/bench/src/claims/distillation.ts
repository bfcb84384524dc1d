import { generatedShapes, mixup } from "@vitscale/data";
import type { TrainConfig } from "@vitscale/train";
import type { ViTConfig } from "@vitscale/vit";
import { defineClaim } from "../claim.ts";
import { digits, overSeeds } from "../report/format.ts";
import { mean, standardDeviation } from "../statistics/summary.ts";
import { recipeOptimizer } from "../training/train-once.ts";
import { wholeRun } from "../training/whole-run.ts";
import { threeSizes } from "./by-size.ts";
import { shortRecipe } from "./shared.ts";

interface Plan {
  readonly teacher: ViTConfig;
  readonly student: ViTConfig;
  readonly steps: { readonly teacher: number; readonly student: readonly number[] };
  readonly batchSize: number;
  readonly learningRate: number;
  readonly temperature: number;
  readonly seeds: readonly number[];
  readonly trainImages: number;
  readonly testImages: number;
}

interface Measurement {
  readonly teacher: number;
  /** Top-1 accuracies [seeds] of students by steps: alone, and with the teacher. */
  readonly students: readonly {
    readonly steps: number;
    readonly alone: readonly number[];
    readonly taught: readonly number[];
  }[];
}

/** A student that learns what a larger model makes of the very views that it sees, against one that learns from labels. */
export const distillation = defineClaim<Plan, Measurement>({
  name: "distillation",
  title: "distillation with consistent views against training alone",
  version: 1,
  isInChoice: false,
  seconds: { quick: 60, full: 420 },
  statements: {
    gain: {
      kind: "paper",
      says: "A student taught by a larger model beats one of its own size and steps that has labels",
      source: "Dehghani et al. 2023, table 8; Beyer et al. 2022",
      printed: "B/16 on ImageNet 86.6 → 88.6 %",
      rule:
        "at the largest number of steps; reproduced: the mean accuracy over seeds is above that of students alone by more than their standard deviation; " +
        "same direction: above it; else not seen",
    },
    patience: {
      kind: "paper",
      says: "The longer the training, the larger the gain",
      source: "Beyer et al. 2022",
      printed: "gains that grow over thousands of epochs",
      rule: "reproduced: the mean gain at the largest number of steps is above that at the smallest; else not seen",
    },
  },

  plan(scale) {
    const isQuick = scale === "quick";
    const { batch, learningRate, trainImages, testImages, seeds } = shortRecipe(scale);
    return {
      teacher: threeSizes["width 64"]!,
      student: threeSizes["width 32"]!,
      steps: isQuick ? { teacher: 300, student: [100, 300] } : { teacher: 2000, student: [400, 3200] },
      ...{ batchSize: batch, learningRate, temperature: 2, testImages },
      // Every run renders its images anew.
      trainImages: isQuick ? 1024 : trainImages / 2,
      seeds: isQuick ? [0, 1] : seeds,
    };
  },

  async measure({ teacher, student, steps, seeds, temperature, trainImages, testImages, ...recipe }, bench) {
    const side = student.imageSide;
    const configOf = (model: ViTConfig, count: number): TrainConfig => ({
      ...{ ...recipe, model, steps: count },
      data: {
        source: generatedShapes({ length: trainImages, side }),
        mix: mixup({ alpha: 0.2, apply: "graph" }),
      },
      schedule: { kind: "cosine", warmupSteps: Math.ceil(count / 10) },
      optimizer: recipeOptimizer,
      evaluations: { test: { data: { source: generatedShapes({ length: testImages, side, seed: 1 }) } } },
      checkpoints: { everySteps: count },
    });
    const train = async (name: string, share: number, config: TrainConfig) => {
      bench.progress(share, `training ${name}`);
      const { folder, summary } = await wholeRun(name, config, bench);
      return { folder, accuracy: summary["test/top1"] ?? Number.NaN };
    };
    const { folder: run, accuracy } = await train("teacher", 0, configOf(teacher, steps.teacher));
    const students: Measurement["students"][number][] = [];
    for (const [index, count] of steps.student.entries()) {
      const share = 0.2 + (0.8 * index) / steps.student.length;
      const [alone, taught]: [number[], number[]] = [[], []];
      for (const seed of seeds) {
        const config = { ...configOf(student, count), seed };
        const name = `student-${count}-seed${seed}`;
        alone.push((await train(`${name}-alone`, share, config)).accuracy);
        const lesson = {
          ...config,
          loss: { kind: "distillation", temperature },
          teacher: { kind: "run", run },
        } as const;
        taught.push((await train(`${name}-taught`, share, lesson)).accuracy);
      }
      students.push({ steps: count, alone, taught });
    }
    return { teacher: accuracy, students };
  },

  judge({ teacher, students }) {
    const gains = students.map(({ alone, taught }) => mean(taught) - mean(alone));
    const { alone, taught } = students.at(-1)!;
    const gain = gains.at(-1)!;
    return {
      gain: {
        measured: `top-1 ${overSeeds(taught, 3)} taught, ${overSeeds(alone, 3)} alone; teacher ${digits(teacher)}`,
        verdict:
          gain > standardDeviation(alone) ? "reproduced" : gain > 0 ? "same direction" : "not seen at this scale",
      },
      patience: {
        measured: students
          .map(({ steps }, i) => `${digits(100 * gains[i]!, 2)} % points after ${steps} steps`)
          .join(", "),
        verdict: gain > gains[0]! ? "reproduced" : "not seen at this scale",
      },
    };
  },

  tables: ({ students }, { seeds }) => [
    {
      title: "Top-1 accuracy of students",
      columns: ["steps", "alone", "taught"],
      rows: students.map(({ steps, alone, taught }) => [`${steps}`, overSeeds(alone, 3), overSeeds(taught, 3)]),
      note: `Mean ± standard deviation over ${seeds.length} seeds; both see the same mixed views.`,
    },
  ],
});
