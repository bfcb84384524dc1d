import { decide, fewShot } from "@vitscale/eval";
import type { OptimizerConfig } from "@vitscale/train";
import { defineClaim } from "../claim.ts";
import { digits, overSeeds } from "../report/format.ts";
import { verdictOf } from "../rules.ts";
import { mean, standardDeviation } from "../statistics/summary.ts";
import { featuresOf } from "../training/features.ts";
import { shapesSet } from "../training/shapes.ts";
import { lookAtEach } from "../training/train-and-look.ts";
import type { Training } from "../training/train-once.ts";
import { shortRecipe, smallModel } from "./shared.ts";

interface Plan {
  readonly training: Omit<Training, "optimizer">;
  /** Weight decay of the head, weakest first; the body's is the first of them. */
  readonly decays: readonly number[];
  readonly seeds: readonly number[];
  readonly shots: number;
  readonly fewShotImages: number;
  readonly testImages: number;
}

/** One trained model. */
interface Seen {
  /** Accuracy on the task that it was trained for. */
  readonly upstream: number;
  /** Few-shot accuracy of its features on another task. */
  readonly fewShot: number;
}

type Measurement = Readonly<Record<string, readonly Seen[]>>;

const nameOf = (decay: number) => `head ${decay}`;

const certain = "the sampling error, √(2·p·(1 − p) / test images) with p the larger of the two";

/** Weight decay of the head apart from the body's: what it does to the features. */
export const headDecay = defineClaim<Plan, Measurement>({
  name: "head-decay",
  title: "a strong weight decay of the head",
  version: 1,
  isInChoice: false,
  seconds: { quick: 60, full: 170 },
  statements: {
    fewShot: {
      kind: "paper",
      says: "A strong decay of the head makes features better for other tasks",
      source: "Zhai et al. 2022 §3.1",
      printed: "few-shot accuracy of B/32 on ImageNet rises as the head's decay goes from 0.03 to 3",
      rule:
        "few-shot on textures with a model trained on shapes; the mean over seeds at the strongest decay less that at the weakest; reproduced: it is above " +
        `the larger standard deviation over seeds, and above ${certain}; same direction: above the latter; else not seen`,
    },
    upstream: {
      kind: "paper",
      says: "It costs accuracy on the task itself",
      source: "Zhai et al. 2022 §3.1",
      printed: "upstream accuracy falls",
      rule:
        "the mean accuracy over seeds on shapes at the weakest decay less that at the strongest; reproduced: it is above the larger standard deviation over " +
        `seeds, and above ${certain}; same direction: above the latter; else not seen`,
    },
  },

  plan(scale) {
    const { seeds, trainImages, ...recipe } = shortRecipe(scale);
    return {
      training: { ...recipe, model: smallModel(), images: { count: trainImages, side: 32, seed: 0 } },
      decays: [0.03, 0.3, 3],
      seeds,
      ...{ shots: 10, fewShotImages: 1024, testImages: recipe.testImages },
    };
  },

  async measure({ training, decays, seeds, shots, fewShotImages, testImages }, bench) {
    bench.progress(0, "rendering images");
    const side = training.model.imageSide;
    const [known, unknown] = [
      await shapesSet({ count: fewShotImages, side, seed: 2 }),
      await shapesSet({ count: testImages, side, seed: 1 }),
    ];
    const body = decays[0]!;
    const trainings = decays.map(
      (decay) => [nameOf(decay), { ...training, optimizer: decaying(decay, body) }] as const,
    );
    return lookAtEach(Object.fromEntries(trainings), seeds, bench, async (outputsOf) => {
      const texturesOf = (images: typeof known) => featuresOf(images, outputsOf, images.textures);
      const [few] = await fewShot(await texturesOf(known), await texturesOf(unknown), {
        ...{ shots: [shots], engine: bench.engine },
      });
      const { classes: decisions } = decide(await outputsOf("logits", unknown), 1);
      const right = decisions.filter((decision, i) => decision === unknown.labels.data[i]).length;
      return { upstream: right / testImages, fewShot: few!.accuracy.value };
    });
  },

  judge(seen, { decays, training, testImages }) {
    const values = (decay: number, key: keyof Seen) => seen[nameOf(decay)]!.map((one) => one[key]);
    const compared = (key: keyof Seen, sign: 1 | -1) => {
      const [weak, strong] = [values(decays[0]!, key), values(decays.at(-1)!, key)];
      const change = sign * (mean(strong) - mean(weak));
      const share = Math.max(mean(weak), mean(strong));
      // All seeds see the same test images, so that more seeds do not make it smaller.
      const sampling = Math.sqrt((2 * share * (1 - share)) / testImages);
      const spread = Math.max(standardDeviation(weak), standardDeviation(strong));
      const accuracies = decays.map((decay) => `${digits(mean(values(decay, key)))} at ${decay}`).join(", ");
      return {
        measured: `accuracy ${accuracies}; chance ${digits(1 / training.model.classes)}, sampling error ${digits(sampling, 2)}`,
        verdict: verdictOf(change > Math.max(spread, sampling), change > sampling),
      };
    };
    return { fewShot: compared("fewShot", 1), upstream: compared("upstream", -1) };
  },

  tables: (seen, { decays, shots, seeds, training, testImages }) => [
    {
      title: "Accuracy by weight decay of the head",
      columns: ["decay of the head", "shapes (trained for)", `textures (${shots} shots)`],
      rows: decays.map((decay) => [
        `${decay}`,
        ...(["upstream", "fewShot"] as const).map((key) =>
          overSeeds(
            seen[nameOf(decay)]!.map((one) => one[key]),
            3,
          ),
        ),
      ]),
      note:
        `Mean ± standard deviation over ${seeds.length} seeds; ${testImages} test images; chance is ${digits(1 / training.model.classes)} for both. Decay times ` +
        "learning rate is taken off at each step.",
    },
  ],
});

function decaying(head: number, body: number): OptimizerConfig {
  return {
    ...{ kind: "adamw", beta2: 0.95 },
    weightDecay: [
      ["head/kernel", head],
      [".+/kernel", body],
    ],
  };
}
