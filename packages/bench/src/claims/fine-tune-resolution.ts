import { consistency, decide } from "@vitscale/eval";
import type { ViTConfig } from "@vitscale/vit";
import { defineClaim, type Verdict } from "../claim.ts";
import { overSeeds } from "../report/format.ts";
import { verdictOf } from "../rules.ts";
import { mean, standardDeviation } from "../statistics/summary.ts";
import { shapesSet } from "../training/shapes.ts";
import { stepFlops } from "../training/step-flops.ts";
import { type OutputsOf, trainAndLook } from "../training/train-and-look.ts";
import type { Training } from "../training/train-once.ts";
import { biasedStatistics, planSizes } from "./by-size.ts";
import { headAccuracy } from "./other-distributions.ts";
import { type Decided, decidedBy } from "./shape-bias.ts";

/** Who looks: a model that decides by shape, and one before and after fine-tuning at its own resolution and at twice that. */
type Observer = "by shape" | "before" | "at 1×" | "at 2×";

interface Plan {
  readonly trainings: Readonly<Record<Observer, Training>>;
  readonly seeds: readonly number[];
  /** Images in conflict, and silhouettes. */
  readonly testImages: number;
}

/** What one trained model decides on images in conflict, and on others. */
interface Seen extends Pick<Decided, "bias"> {
  /** On images in conflict, a digit each: 1 where the decision is the shape. */
  readonly right: string;
  /** Top-1 accuracy on silhouettes. */
  readonly silhouettes: number;
}

type Measurement = Readonly<Record<Observer, readonly Seen[]>>;

const ofPaper = "Dehghani et al. 2023, human alignment; bethgelab/model-vs-human, leaderboard";
const rule = (value: string, direction: "above" | "below") =>
  `${value}; reproduced: its mean over seeds after fine-tuning at 2× is ${direction} that at 1× by more than the larger of the two standard deviations; same ` +
  `direction: ${direction} it; else not seen`;

/** What models decide by after fine-tuning at a higher resolution. */
export const fineTuneResolution = defineClaim<Plan, Measurement>({
  name: "fine-tune-resolution",
  title: "shape bias, errors and accuracy under a shift by the resolution of fine-tuning",
  version: 1,
  isInChoice: false,
  seconds: { quick: 60, full: 150 },
  statements: {
    shape: {
      kind: "paper",
      says: "Fine-tuned at a higher resolution, a model decides more by shape",
      source: ofPaper,
      printed: "87 % for ViT-22B at 384 pixels, the highest known; the model at 224 is less like people",
      rule: rule("shape bias on images whose texture speaks for another shape, at the model's own resolution", "above"),
    },
    consistency: {
      kind: "paper",
      says: "Its errors are more like those of observers who decide by shape",
      source: ofPaper,
      printed:
        "error consistency with people 0.258 at 384 pixels; at 224 it is not among the ten models most like people",
      rule: rule(
        "error consistency on the same images, mean over models that stand in for people: trained at 1× where textures say nothing, each with its own seed",
        "above",
      ),
    },
    shift: {
      kind: "paper",
      says: "Its accuracy on other kinds of images is lower",
      source: ofPaper,
      printed: "OOD accuracy 0.837 at 224 pixels, the best of all, 0.798 at 384",
      rule: rule(
        "mean of the top-1 accuracies on the images in conflict and on silhouettes of the same shapes",
        "below",
      ),
    },
  },

  plan(scale) {
    const isQuick = scale === "quick";
    const plan = planSizes(scale, biasedStatistics);
    const { recipe, images, seeds } = plan;
    const model = plan.models["width 64"]!;
    const before: Training = { ...recipe, model, images };
    const steps = isQuick ? 100 : 400;
    const tuned = (imageSide: number): Training => ({
      ...before,
      model: { ...model, imageSide },
      start: { kind: "trained", training: before },
      ...{ steps, learningRate: 5e-4, schedule: { kind: "cosine", warmupSteps: Math.ceil(steps / 10) } },
      images: { ...images, side: imageSide, count: isQuick ? 1024 : 4096, seed: 2 },
      testImages: 512,
    });
    return {
      trainings: {
        "by shape": { ...before, images: planSizes(scale).images },
        before,
        "at 1×": tuned(model.imageSide),
        "at 2×": tuned(2 * model.imageSide),
      },
      seeds,
      testImages: isQuick ? 512 : 2048,
    };
  },

  async measure({ trainings, seeds, testImages }, bench) {
    const entries = Object.entries(trainings) as [Observer, Training][];
    const work = entries.map(([, training]) => training.steps * stepFlops(training));
    const total = work.reduce((sum, part) => sum + part, 0);
    const seen: Partial<Record<Observer, Seen[]>> = {};
    let done = 0;
    for (const [index, [name, training]] of entries.entries()) {
      const start = done;
      const progress = (share: number, doing: string) => bench.progress((start + share * work[index]!) / total, doing);
      const look = (outputsOf: OutputsOf) => lookAt(training.model, testImages, outputsOf);
      seen[name] = await trainAndLook(name, training, seeds, { bench, progress }, look);
      done += work[index]!;
    }
    return seen as Measurement;
  },

  judge(seen) {
    const { bias, consistency: consistencies, shifted } = valuesOf(seen);
    const tuned = (values: Values) =>
      (["at 2×", "at 1×"] as const).map((name) => `${overSeeds(values[name], 3)} ${name}`).join(", ");
    const verdict = (values: Values, sign: 1 | -1): Verdict => {
      const gain = sign * (mean(values["at 2×"]) - mean(values["at 1×"]));
      return verdictOf(
        gain > Math.max(standardDeviation(values["at 1×"]), standardDeviation(values["at 2×"])),
        gain > 0,
      );
    };
    return {
      shape: { measured: tuned(bias), verdict: verdict(bias, 1) },
      consistency: { measured: tuned(consistencies), verdict: verdict(consistencies, 1) },
      shift: { measured: tuned(shifted), verdict: verdict(shifted, -1) },
    };
  },

  tables(seen, { trainings, testImages }) {
    const { bias, consistency: consistencies, conflict, silhouettes } = valuesOf(seen);
    return [
      {
        title: `Decisions on ${testImages} images in conflict and as many silhouettes`,
        columns: ["model", "pixels", "shape bias", "error consistency", "accuracy in conflict", "on silhouettes"],
        rows: (Object.keys(trainings) as Observer[]).map((name) => [
          name,
          `${trainings[name].model.imageSide}`,
          ...[bias, consistencies, conflict, silhouettes].map((values) => overSeeds(values[name], 3)),
        ]),
        note: "Mean ± standard deviation over seeds. All see the same scenes. Those by shape are compared with the others of their kind.",
      },
    ];
  },
});

/** A number of each seed by observer. */
type Values = Readonly<Record<Observer, readonly number[]>>;

/** Shape bias, error consistency with those that decide by shape, and accuracies. */
function valuesOf(seen: Measurement) {
  const of = (value: (one: Seen) => number) =>
    Object.fromEntries(Object.entries(seen).map(([name, seeds]) => [name, seeds.map(value)])) as unknown as Values;
  const right = (one: Seen) => Array.from(one.right, Number);
  const withOthers = (one: Seen) => {
    const others = seen["by shape"].filter((other) => other !== one);
    return mean(others.map((other) => consistency(right(one), right(other), { replicates: 1 }).errorConsistency.value));
  };
  const conflict = (one: Seen) => mean(right(one));
  return {
    bias: of(({ bias }) => bias ?? Number.NaN),
    consistency: of(withOthers),
    conflict: of(conflict),
    silhouettes: of((one) => one.silhouettes),
    shifted: of((one) => (conflict(one) + one.silhouettes) / 2),
  };
}

async function lookAt({ imageSide }: ViTConfig, count: number, outputsOf: OutputsOf): Promise<Seen> {
  // Scenes of one seed are the same at every resolution.
  const scenes = { count, side: imageSide, seed: 1 };
  const conflict = await shapesSet({ ...scenes, cueConflict: true });
  const silhouettes = await shapesSet({ ...scenes, look: "silhouette" });
  const logits = await outputsOf("logits", conflict);
  const { classes: decisions } = decide(logits, 1);
  return {
    right: Array.from(decisions, (decision, i) => (decision === conflict.labels.data[i] ? 1 : 0)).join(""),
    bias: decidedBy(logits, conflict).bias,
    silhouettes: await headAccuracy(silhouettes, outputsOf),
  };
}
