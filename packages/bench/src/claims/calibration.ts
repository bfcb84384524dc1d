import {
  accuracyOf,
  expectedCalibrationError,
  fitTemperature,
  type RowVectors,
  softmax,
  topOutcomes,
} from "@vitscale/eval";
import { defineClaim } from "../claim.ts";
import { digits, overSeeds } from "../report/format.ts";
import { shapesSet } from "../training/shapes.ts";
import { type BySize, biasedStatistics, lookBySize, overSizes, planSizes, type SizesPlan } from "./by-size.ts";

/** One trained model on test images. */
interface Calibrated {
  readonly accuracy: number;
  /** Calibration errors in 30 bins, as the logits are and divided by the temperature. */
  readonly before: number;
  readonly after: number;
  readonly temperature: number;
}

const bins = 30;

/** How sure models of three sizes are, and how right. */
export const calibration = defineClaim<SizesPlan, BySize<Calibrated>>({
  name: "calibration",
  title: "calibration by size, with and without temperature scaling",
  version: 1,
  isInChoice: false,
  seconds: { quick: 60, full: 20 },
  statements: {
    frontier: {
      kind: "paper",
      says: "Larger models are more accurate and no worse calibrated",
      source: "Dehghani et al. 2023, reliability and calibration",
      printed: "ViT-22B extends the frontier of accuracy and ECE (30 bins)",
      rule:
        "means over seeds; reproduced: the largest of three sizes has a higher accuracy than the smallest, and an ECE above its by no more than the larger " +
        "standard deviation over seeds; same direction: a higher accuracy, and an ECE at most 0.02 above; else not seen",
    },
    temperature: {
      kind: "paper",
      says: "One temperature, fitted on other images, makes a model better calibrated",
      source: "Guo et al. 2017; Dehghani et al. 2023, reliability and calibration",
      printed: "lower ECE after temperature scaling",
      rule: "reproduced: the mean ECE over seeds falls at every size; same direction: the mean over sizes falls; else not seen",
    },
  },

  plan: (scale) => planSizes(scale, biasedStatistics),

  async measure(plan, bench) {
    const { side, count: _, ...statistics } = plan.images;
    bench.progress(0, "rendering images");
    const test = await shapesSet({ ...statistics, count: plan.testImages, side, seed: 1 });
    return lookBySize(plan, bench, async (outputsOf) => {
      const { data } = await outputsOf("logits", test);
      return calibrate({ width: test.classes, data }, test.labels.data);
    });
  },

  judge(seen) {
    const [accuracies, before, after] = (["accuracy", "before", "after"] as const).map((name) =>
      overSizes(seen, (one) => one[name]),
    ) as [ReturnType<typeof overSizes>, ReturnType<typeof overSizes>, ReturnType<typeof overSizes>];
    const excess = before.at(-1)!.mean - before[0]!.mean;
    const isBetter = accuracies.at(-1)!.mean > accuracies[0]!.mean;
    const noise = Math.max(before.at(-1)!.deviation, before[0]!.deviation);
    const falls = before.map((error, i) => error.mean - after[i]!.mean);
    const list = (values: readonly { mean: number }[]) => values.map((value) => digits(value.mean, 3)).join(", ");
    return {
      frontier: {
        measured: `by size, accuracy ${list(accuracies)}; ECE ${list(before)}`,
        verdict:
          isBetter && excess <= noise
            ? "reproduced"
            : isBetter && excess <= 0.02
              ? "same direction"
              : "not seen at this scale",
      },
      temperature: {
        measured: `by size, ECE ${list(before)} before, ${list(after)} after`,
        verdict: falls.every((fall) => fall > 0)
          ? "reproduced"
          : falls.reduce((sum, fall) => sum + fall) > 0
            ? "same direction"
            : "not seen at this scale",
      },
    };
  },

  tables: (seen, { testImages, seeds }) => [
    {
      title: `Calibration on ${testImages / 2} generated images, the temperature fitted on as many others`,
      columns: ["model", "accuracy", `ECE, ${bins} bins`, "after scaling", "temperature"],
      rows: Object.entries(seen).map(([name, one]) => [
        name,
        ...(["accuracy", "before", "after", "temperature"] as const).map((key) =>
          overSeeds(
            one.map((values) => values[key]),
            3,
          ),
        ),
      ]),
      note: `Mean ± standard deviation over ${seeds.length} seeds.`,
    },
  ],
});

/** Fits the temperature on the first half of the rows, and measures on the second. */
export function calibrate(logits: RowVectors, labels: Int32Array): Calibrated {
  const half = Math.floor(labels.length / 2);
  const { width, data } = logits;
  const rows = (start: number, end: number) => ({
    logits: { width, data: data.subarray(start * width, end * width) },
    labels: labels.subarray(start, end),
  });
  const [fit, use] = [rows(0, half), rows(half, labels.length)];
  const { temperature } = fitTemperature(fit.logits, fit.labels);
  const outcomesAt = (at: number) => topOutcomes(softmax(use.logits, at), use.labels);
  return {
    temperature,
    accuracy: accuracyOf(outcomesAt(1)).value,
    before: expectedCalibrationError(outcomesAt(1), { bins }),
    after: expectedCalibrationError(outcomesAt(temperature), { bins }),
  };
}
