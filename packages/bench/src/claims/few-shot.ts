import { type Features, fewShot, fewShotRows, ridgeClassifiers } from "@vitscale/eval";
import { defineClaim } from "../claim.ts";
import { digits } from "../report/format.ts";
import { mean } from "../statistics/summary.ts";
import { featuresOf, takeRows } from "../training/features.ts";
import { chooseImages, imageSet, moreImages, nameOfImages, testImagesOf } from "../training/images.ts";
import { trainAndLook } from "../training/train-and-look.ts";
import type { Training } from "../training/train-once.ts";
import { shortRecipe, smallModel } from "./shared.ts";

interface Plan {
  readonly training: Training;
  readonly shots: readonly number[];
  readonly penalties: readonly number[];
  readonly seeds: readonly number[];
  readonly trainImages: number;
  readonly testImages: number;
}

interface Measurement {
  /** Accuracies [seeds] by shots and penalty. */
  readonly results: readonly { readonly shots: number; readonly l2: number; readonly accuracies: readonly number[] }[];
  /** Largest entry of XᵀX·W + l2·W − XᵀY over the largest of XᵀY, over all classifiers of one choice of images. */
  readonly residual: number;
}

/** The penalty of the papers. */
const paper = 1024;
const biasFeature = 100;

/** Few-shot accuracy by ridge regression on frozen features, as the papers measure it. */
export const fewShotRidge = defineClaim<Plan, Measurement>({
  name: "few-shot",
  title: "few-shot accuracy by ridge regression",
  version: 1,
  isInChoice: false,
  seconds: { quick: 30, full: 20 },
  statements: {
    solution: {
      kind: "paper",
      isExact: true,
      says: "Features standardised, a constant feature of 100, targets ±1: the classifier is the minimum of the ridge objective",
      source: "Zhai et al. 2022 app. D; big_vision evaluators/fewshot_lsr.py",
      printed: "a closed form",
      rule: "reproduced: the objective's gradient, computed from the images anew, is below 1e-6 of its value at zero for every penalty; else not seen",
    },
    penalty: {
      kind: "paper",
      says: "A penalty of 2¹⁰ serves for any number of shots",
      source: "Zhai et al. 2022 app. D",
      printed: "2¹⁰, found on another data set and then kept",
      rule:
        "reproduced: for every number of shots the mean accuracy over seeds at 2¹⁰ is within 2 % points of that of the best penalty; same direction: for " +
        "the largest number of shots; else not seen",
    },
    shots: {
      kind: "paper",
      says: "More shots, better accuracy",
      source: "Zhai et al. 2022 fig. 2 and app. D",
      printed: "1, 5, 10 and 25 shots, 3 seeds",
      rule: "reproduced: at 2¹⁰ the mean accuracy over seeds rises with every number of shots; same direction: from the least to the most; else not seen",
    },
  },

  async plan(scale, places) {
    const isQuick = scale === "quick";
    const { seeds: _, trainImages, ...recipe } = shortRecipe(scale);
    const { images, classes } = await chooseImages(trainImages, places);
    return {
      training: { ...recipe, model: smallModel({ classes }), images },
      shots: [1, 5, 10, 25],
      penalties: isQuick ? [4, 64, 1024, 16_384] : Array.from({ length: 11 }, (_, i) => 4 ** i),
      seeds: isQuick ? [0, 1, 2] : [0, 1, 2, 3, 4],
      trainImages: 1024,
      testImages: recipe.testImages,
    };
  },

  async measure({ training, shots, penalties, seeds, trainImages, testImages }, bench) {
    bench.progress(0, "preparing images");
    const [train, test] = [
      await imageSet(moreImages(training.images, trainImages, 2)),
      await imageSet(testImagesOf(training.images, testImages)),
    ];
    const [seen] = await trainAndLook(
      "model",
      training,
      [0],
      { bench, progress: (share, doing) => bench.progress(0.8 * share, doing) },
      async (outputsOf) => {
        const [known, unknown] = [await featuresOf(train, outputsOf), await featuresOf(test, outputsOf)];
        bench.progress(0.9, "fitting classifiers");
        const results = await fewShot(known, unknown, { shots, l2: penalties, seeds, engine: bench.engine });
        const chosen = takeRows(known, fewShotRows(known, Math.max(...shots), 0));
        return {
          results: results.map(({ shots, l2, accuracies }) => ({ shots, l2, accuracies })),
          residual: ridgeResidual(chosen, penalties),
        };
      },
    );
    return seen!;
  },

  judge({ results, residual }, { training }) {
    const images = nameOfImages(training.images);
    const shots = [...new Set(results.map((result) => result.shots))].sort((a, b) => a - b);
    const accuracy = (count: number, l2: number) =>
      mean(results.find((result) => result.shots === count && result.l2 === l2)!.accuracies);
    const best = (count: number) =>
      Math.max(...results.filter((result) => result.shots === count).map(({ l2 }) => accuracy(count, l2)));
    const losses = shots.map((count) => best(count) - accuracy(count, paper));
    const curve = shots.map((count) => accuracy(count, paper));
    const isRising = curve.every((value, i) => i === 0 || value > curve[i - 1]!);
    return {
      solution: {
        measured: `${images}: gradient ${digits(residual)} of that at zero`,
        verdict: residual < 1e-6 ? "reproduced" : "not seen at this scale",
      },
      penalty: {
        measured: `${images}: ${losses.map((loss, i) => `${digits(100 * loss, 2)} at ${shots[i]}`).join(", ")} below the best, in % points by shots`,
        verdict: losses.every((loss) => loss <= 0.02)
          ? "reproduced"
          : losses.at(-1)! <= 0.02
            ? "same direction"
            : "not seen at this scale",
      },
      shots: {
        measured: `${images}: ${curve.map((value, i) => `${digits(100 * value)} % at ${shots[i]}`).join(", ")}`,
        verdict: isRising ? "reproduced" : curve.at(-1)! > curve[0]! ? "same direction" : "not seen at this scale",
      },
    };
  },

  tables({ results }, { training, penalties, shots, seeds }) {
    const show = (count: number, l2: number) => {
      const found = results.find((result) => result.shots === count && result.l2 === l2);
      return `${digits(100 * mean(found?.accuracies ?? []))} %`;
    };
    return [
      {
        title: `Top-1 accuracy on ${training.model.classes} classes of ${nameOfImages(training.images)}, mean of ${seeds.length} choices of images`,
        columns: ["penalty", ...shots.map((count) => `${count} shots`)],
        rows: penalties.map((l2) => [digits(l2, 4), ...shots.map((count) => show(count, l2))]),
      },
    ];
  },
});

/** How far classifiers are from where the gradient of the ridge objective vanishes, relative to the gradient at zero weights. */
export function ridgeResidual(features: Features, penalties: readonly number[]): number {
  const { labels, classes, vectors } = features;
  const [rows = 0, width = 0] = vectors.shape;
  const x = withBiasFeature(features);
  const of = (row: number) => x.subarray(row * (width + 1), (row + 1) * (width + 1));
  const size = (values: Float64Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let largest = 0;
  for (const [i, { kernel, bias }] of ridgeClassifiers(features, penalties).entries()) {
    for (let k = 0; k < classes; k++) {
      const weights = Float64Array.from({ length: width + 1 }, (_, column) =>
        column < width ? kernel[column * classes + k]! : bias[k]! / biasFeature,
      );
      const gradient = weights.map((weight) => penalties[i]! * weight);
      const atZero = new Float64Array(width + 1);
      for (let row = 0; row < rows; row++) {
        const target = labels[row] === k ? 1 : -1;
        const score = of(row).reduce((sum, value, column) => sum + value * weights[column]!, 0);
        for (const [column, value] of of(row).entries()) {
          gradient[column]! += value * (score - target);
          atZero[column]! += value * target;
        }
      }
      largest = Math.max(largest, size(gradient) / size(atZero));
    }
  }
  return largest;
}

/** [rows, width + 1]: features less their mean over their deviation plus 1e-5, and the constant feature. */
function withBiasFeature({ vectors: { shape, data } }: Features): Float64Array {
  const [rows = 0, width = 0] = shape;
  const x = new Float64Array(rows * (width + 1)).fill(biasFeature);
  for (let column = 0; column < width; column++) {
    const values = Array.from({ length: rows }, (_, row) => data[row * width + column]!);
    const center = mean(values);
    const deviation = Math.sqrt(mean(values.map((value) => (value - center) ** 2))) + 1e-5;
    for (const [row, value] of values.entries()) x[row * (width + 1) + column] = (value - center) / deviation;
  }
  return x;
}
