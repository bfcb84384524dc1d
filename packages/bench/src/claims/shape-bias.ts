import { decide, shapeBias } from "@vitscale/eval";
import { defineClaim } from "../claim.ts";
import { digits, overSeeds } from "../report/format.ts";
import { type ImageSet, type ShapesOptions, shapesSet } from "../training/shapes.ts";
import type { OutputsOf } from "../training/train-and-look.ts";
import { type BySize, lookBySize, overSizes, planSizes, type SizesPlan } from "./by-size.ts";

/** One trained model on images whose shape and texture disagree. */
export interface Decided {
  /** Share for the shape of decisions for shape or texture; null without any such decision. */
  readonly bias: number | null;
  /** Share of decisions that are for either. */
  readonly decided: number;
}

interface Plan {
  /** Trained where the texture goes with the shape, and where it says nothing. */
  readonly tied: SizesPlan;
  readonly free: SizesPlan;
}

interface Measurement {
  readonly tied: BySize<Decided>;
  readonly free: BySize<Decided>;
}

/** Whether models decide by shape or by texture, after training on images that leave the choice, or do not. */
export const shapeBiasClaim = defineClaim<Plan, Measurement>({
  name: "shape-bias",
  title: "shape bias by training images and by size",
  version: 1,
  isInChoice: false,
  seconds: { quick: 60, full: 300 },
  statements: {
    training: {
      kind: "paper",
      says: "Training on images whose texture says nothing makes a model decide by shape",
      source: "Geirhos et al. 2019; rgeirhos/texture-vs-shape README",
      printed: "ResNet-50: 21.4 % shape decisions, 81.4 % when trained on stylised images",
      rule:
        "means over sizes and seeds; reproduced: the shape bias is at least 0.3 higher where textures are random than where they go with the shape; " +
        "same direction: higher; else not seen",
    },
    size: {
      kind: "paper",
      says: "Larger models decide more by shape",
      source: "Dehghani et al. 2023, human alignment",
      printed: "87 % for ViT-22B-384, the highest known of a model; people 96 %",
      rule:
        "trained where shape and texture agree; reproduced: the mean bias of the largest of the sizes is above the smallest's by more than the larger " +
        "standard deviation over seeds; same direction: above it; else not seen",
    },
  },

  plan(scale) {
    const planned = (statistics: Partial<ShapesOptions>): SizesPlan => {
      const plan = planSizes(scale, statistics);
      // Everything is trained twice: the smallest and the largest keep the quick scale quick.
      const { "width 64": _, ...ends } = plan.models;
      return scale === "quick" ? { ...plan, models: ends } : plan;
    };
    return { tied: planned({ textureCorrelation: 1 }), free: planned({}) };
  },

  async measure({ tied, free }, bench) {
    bench.progress(0, "rendering images");
    const { side } = tied.images;
    const test = await shapesSet({ count: tied.testImages, side, seed: 1, cueConflict: true });
    const seen = (prefix: string, plan: SizesPlan, start: number) => {
      const progress = (share: number, doing: string) => bench.progress(start + share / 2, doing);
      const look = async (outputsOf: OutputsOf) => decidedBy(await outputsOf("logits", test), test);
      return lookBySize(plan, { ...bench, progress }, look, prefix);
    };
    return { tied: await seen("tied, ", tied, 0), free: await seen("free, ", free, 0.5) };
  },

  judge({ tied, free }) {
    const biases = (seen: BySize<Decided>) => overSizes(seen, ({ bias }) => bias ?? Number.NaN);
    const [ofTied, ofFree] = [biases(tied), biases(free)];
    const average = (values: readonly { mean: number }[]) =>
      values.reduce((sum, value) => sum + value.mean, 0) / values.length;
    const gain = average(ofFree) - average(ofTied);
    const [smallest, largest] = [ofTied[0]!, ofTied.at(-1)!];
    const growth = largest.mean - smallest.mean;
    return {
      training: {
        measured: `${digits(100 * average(ofFree))} % with random textures, ${digits(100 * average(ofTied))} % with those of the shape`,
        verdict: gain >= 0.3 ? "reproduced" : gain > 0 ? "same direction" : "not seen at this scale",
      },
      size: {
        measured: `${ofTied.map((value) => `${digits(100 * value.mean)} %`).join(", ")}, smallest first`,
        verdict:
          growth > Math.max(smallest.deviation, largest.deviation)
            ? "reproduced"
            : growth > 0
              ? "same direction"
              : "not seen at this scale",
      },
    };
  },

  tables: ({ tied, free }, plan) => [
    {
      title: `Decisions on ${plan.tied.testImages} images in conflict`,
      columns: ["model", "trained on", "shape bias", "decisions for shape or texture"],
      rows: Object.entries({ "agreeing textures": tied, "random textures": free }).flatMap(([images, seen]) =>
        Object.entries(seen).map(([name, one]) => [
          name,
          images,
          overSeeds(
            one.map(({ bias }) => bias ?? Number.NaN),
            3,
          ),
          overSeeds(
            one.map(({ decided }) => decided),
            3,
          ),
        ]),
      ),
    },
  ],
});

/** What logits [images, classes] decide by. */
export function decidedBy(logits: Parameters<typeof decide>[0], { labels, textures, classes }: ImageSet): Decided {
  const { shapeBias: bias, decided } = shapeBias(
    {
      classes: Array.from({ length: classes }, (_, index) => `${index}`),
      shape: labels.data,
      texture: textures,
      decisions: [decide(logits, 1).classes],
    },
    { replicates: 2 },
  );
  return { bias: Number.isNaN(bias.value) ? null : bias.value, decided: decided.value };
}
