import { type ErrorAtCompute, fitPowerLaw, predictError } from "@vitscale/train";
import { modelFlopsPerToken, tokenCount, type ViTConfig } from "@vitscale/vit";
import { defineClaim, type Table } from "../claim.ts";
import { digits } from "../report/format.ts";
import { mean, standardDeviation } from "../statistics/summary.ts";
import { type QualityPlan, trainVariants } from "../training/compare-variants.ts";
import { chooseImages, type ImagesOptions, nameOfImages } from "../training/images.ts";
import type { TrainingOutcome } from "../training/short-training.ts";
import { threeSizes } from "./by-size.ts";
import { shortRecipe } from "./shared.ts";

interface Plan {
  readonly quality: QualityPlan & { readonly images: ImagesOptions };
  readonly models: Readonly<Record<string, ViTConfig>>;
  readonly durations: readonly number[];
}

/** A model after so many images. */
export interface ScalingPoint extends ErrorAtCompute {
  readonly model: string;
  readonly images: number;
  /** Standard deviation of the error over seeds. */
  readonly deviation: number;
}

type Outcomes = Readonly<Record<string, readonly TrainingOutcome[]>>;

const nameOf = (model: string, steps: number) => `${model}, ${steps} steps`;

/** Error by size and images seen, and the law that its frontier follows. */
export const scaling = defineClaim<Plan, Outcomes>({
  name: "scaling",
  title: "error by size and images seen, and the power law of its frontier",
  version: 1,
  isInChoice: false,
  seconds: { quick: 60, full: 290 },
  statements: {
    efficiency: {
      kind: "paper",
      says: "Larger models need fewer images for the same error",
      source: "Zhai et al. 2022 §2.3",
      printed: "L/16 needs about a hundredth of the images of Ti/16, at the scale of JFT-3B",
      rule:
        "reproduced: after every number of images the largest of three sizes has a lower test error, mean over seeds, than the smallest; same direction: " +
        "after the largest number; else not seen",
    },
    law: {
      kind: "paper",
      says: "A power law that saturates at both ends fits the frontier better than a pure one",
      source: "Zhai et al. 2022 §2.2",
      printed: "E = a(C + d)^−b + c",
      rule:
        "the frontier is the least error known at each compute or less; both laws are fitted to all of it but the point of the most compute; reproduced: the " +
        "saturating law is nearer to that point (difference of logarithms); else not seen. How well they fit all points says nothing: with two parameters " +
        "more, the saturating law contains the pure one",
    },
  },

  async plan(scale, places) {
    const recipe = shortRecipe(scale);
    const { images, classes } = await chooseImages(recipe.trainImages, places);
    const models = Object.fromEntries(
      Object.entries(threeSizes).map(([name, model]) => [name, { ...model, classes }] as const),
    );
    const durations = scale === "quick" ? [40, 80, 160, 320] : [125, 250, 500, 1000, 2000];
    const variants = Object.entries(models).flatMap(([name, model]) =>
      durations.map((steps) => {
        const schedule = { kind: "cosine", warmupSteps: Math.ceil(steps / 10) } as const;
        return [nameOf(name, steps), { model, steps, schedule }] as const;
      }),
    );
    const quality = {
      ...{ ...recipe, images },
      seeds: scale === "quick" ? [0] : [0, 1, 2],
      variants: Object.fromEntries(variants),
    };
    return { quality, models, durations };
  },

  measure: ({ quality }, bench) => trainVariants(quality, bench, bench.progress),

  judge(outcomes, plan) {
    const points = pointsOf(outcomes, plan);
    const names = Object.keys(plan.models);
    const of = (model: string | undefined) => points.filter((point) => point.model === model);
    const [smallest, largest] = [of(names[0]), of(names.at(-1))];
    const differences = largest.map(
      ({ images, error }, i) => `${digits(error)} against ${digits(smallest[i]!.error)} after ${images} images`,
    );
    const isBetter = largest.map(({ error }, i) => error < smallest[i]!.error);
    const { pure, saturating, points: count } = compareLaws(frontierOf(points));
    return {
      efficiency: {
        measured: `${nameOfImages(plan.quality.images)}: ${differences.join("; ")}`,
        verdict: isBetter.every(Boolean) ? "reproduced" : isBetter.at(-1) ? "same direction" : "not seen at this scale",
      },
      law: {
        measured: `${nameOfImages(plan.quality.images)}: the point left out is missed by a factor of ${digits(Math.exp(saturating.heldOut))} when saturating, of ${digits(Math.exp(pure.heldOut))} when pure; ${count} points`,
        verdict:
          count < leastPoints
            ? "not measurable here"
            : saturating.heldOut < pure.heldOut
              ? "reproduced"
              : "not seen at this scale",
        ...(count < leastPoints && {
          why: `the frontier has ${count} points and a law with four parameters needs ${leastPoints}; --full trains longer`,
        }),
      },
    };
  },

  tables(outcomes, plan) {
    const points = pointsOf(outcomes, plan);
    const { batch, seeds } = plan.quality;
    return [
      {
        title: `Test error (top-1) by images seen, ${nameOfImages(plan.quality.images)}`,
        columns: ["images", ...Object.keys(plan.models)],
        rows: plan.durations.map((steps) => [
          `${steps * batch}`,
          ...Object.keys(plan.models).map((model) => {
            const { error, deviation } = points.find(
              (point) => point.model === model && point.images === steps * batch,
            )!;
            return seeds.length > 1 ? `${digits(error)} ± ${digits(deviation, 2)}` : digits(error);
          }),
        ]),
        note: `Every number is a training of its own, with a schedule of that length; mean and standard deviation over seeds: ${seeds.join(", ")}.`,
      },
      ...lawTables(
        frontierOf(points),
        seeds.map((_, i) => frontierOf(pointsOf(outcomes, plan, i))),
      ),
    ];
  },
});

/** Five to fit and one to predict. */
const leastPoints = 6;

/** @param seed which of the seeds alone; the mean over them by default */
function pointsOf(outcomes: Outcomes, { models, durations, quality: { batch } }: Plan, seed?: number): ScalingPoint[] {
  return Object.entries(models).flatMap(([model, config]) =>
    durations.map((steps) => {
      const images = steps * batch;
      const of = outcomes[nameOf(model, steps)]!;
      const errors = (seed === undefined ? of : [of[seed]!]).map(({ top1 }) => 1 - (top1 ?? 0));
      const compute = images * tokenCount(config) * modelFlopsPerToken(config);
      return { model, images, error: mean(errors), deviation: standardDeviation(errors), compute };
    }),
  );
}

/** Points that no other beats with as much compute or less, by compute. */
export function frontierOf<T extends ErrorAtCompute>(points: readonly T[]): T[] {
  const sorted = [...points].sort((a, b) => a.compute - b.compute || a.error - b.error);
  let least = Number.POSITIVE_INFINITY;
  return sorted.filter(({ error }) => {
    if (error >= least || error === 0) return false;
    least = error;
    return true;
  });
}

/** Both laws as they fit the whole frontier, and between which values their parameters lie when fitted to one seed's alone. */
function lawTables(frontier: readonly ErrorAtCompute[], bySeed: readonly (readonly ErrorAtCompute[])[]): Table[] {
  if (frontier.length < leastPoints) return [];
  const long = bySeed.filter(({ length }) => length >= leastPoints);
  const rows = Object.entries({ saturating: false, pure: true }).map(([name, isPure]) => {
    const fit = fitPowerLaw(frontier, { isPure });
    const others = long.map((points) => fitPowerLaw(points, { isPure }));
    const parameters = (["a", "b", "c", "d"] as const).map((key) => {
      const values = others.map((other) => other[key]);
      const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => digits(value));
      return digits(fit[key]) + (low === high || values.length === 0 ? "" : ` (${low} … ${high})`);
    });
    return [name, ...parameters, digits(fit.residual)];
  });
  return [
    {
      title: `E = a·(C + d)^−b + c, fitted to the ${frontier.length} points of the frontier`,
      columns: ["law", "a", "b", "c", "d (FLOPs)", "squared differences of log E"],
      rows,
      note:
        "C: FLOPs of training on all images seen, forward and backward. Fitted to the means over seeds" +
        `${long.length > 1 ? `; in brackets, the least and the greatest of ${long.length} fits to one seed each` : ""}.`,
    },
  ];
}

/** Both laws: how far they miss the point of the most compute when it is left out. */
export function compareLaws(frontier: readonly ErrorAtCompute[]) {
  const { length } = frontier;
  const unknown = { heldOut: Number.NaN };
  if (length < leastPoints) return { points: length, pure: unknown, saturating: unknown };
  const last = frontier.at(-1)!;
  const of = (isPure: boolean) => ({
    heldOut: Math.abs(
      Math.log(predictError(fitPowerLaw(frontier.slice(0, -1), { isPure }), last.compute) / last.error),
    ),
  });
  return { points: length, pure: of(true), saturating: of(false) };
}
