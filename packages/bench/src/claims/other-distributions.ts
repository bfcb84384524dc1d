import type { Engine } from "@vitscale/core";
import { decide, type Features, linearScorer, sweptProbe, topKAccuracy } from "@vitscale/eval";
import { defineClaim, type Verdict } from "../claim.ts";
import { digits, overSeeds } from "../report/format.ts";
import { featuresOf, takeRows } from "../training/features.ts";
import { type ImageSet, shapesSet } from "../training/shapes.ts";
import type { OutputsOf } from "../training/train-and-look.ts";
import { type BySize, biasedStatistics, lookBySize, overSizes, planSizes, type SizesPlan } from "./by-size.ts";

interface Plan {
  readonly sizes: SizesPlan;
  /** Images that the probe is fitted on, none of which the model was trained on. */
  readonly probeImages: number;
}

/** One trained model. */
interface Seen {
  /** Top-1 accuracies of its own head. */
  readonly inDomain: number;
  readonly shifted: number;
  /** Top-1 accuracies of a linear probe on its frozen features. */
  readonly probe: number;
  readonly shiftedProbe: number;
}

/** Accuracy on other images than a model was trained on, and of linear probes of its features, by size. */
export const otherDistributions = defineClaim<Plan, BySize<Seen>>({
  name: "other-distributions",
  title: "linear probes and accuracy under a shift, by size",
  version: 1,
  isInChoice: false,
  seconds: { quick: 60, full: 100 },
  statements: {
    probe: {
      kind: "paper",
      says: "A linear probe of frozen features is more accurate the larger the model",
      source: "Dehghani et al. 2023, linear probing",
      printed: "89.5 % for ViT-22B on ImageNet, 88.2 % for ViT-e",
      rule:
        "means over seeds; reproduced: rises with every size, and from the smallest to the largest by more than the larger standard deviation over seeds; " +
        "same direction: the largest is above the smallest; else not seen",
    },
    shift: {
      kind: "paper",
      says: "So does accuracy on images of another distribution",
      source: "Dehghani et al. 2023, robustness: ObjectNet",
      printed: "ObjectNet rises with size where ImageNet saturates",
      rule:
        "the shift: textures speak for another class than the shape, where half of the training images had agreeing ones; means over seeds; reproduced: rises with " +
        "every size, and by more than the larger standard deviation; same direction: the largest is above the smallest; else not seen",
    },
    later: {
      kind: "paper",
      says: "The shifted accuracy still rises where that of the own distribution saturates",
      source: "Dehghani et al. 2023, robustness: ObjectNet",
      printed: "a figure",
      rule:
        "gain from the middle to the largest size, as a share of that from the smallest to the largest; reproduced: the share is larger under the shift than in the " +
        "own distribution; else not seen",
    },
  },

  plan: (scale) => ({ sizes: planSizes(scale, biasedStatistics), probeImages: scale === "quick" ? 512 : 1024 }),

  async measure({ sizes, probeImages }, bench) {
    bench.progress(0, "rendering images");
    const { count: _, ...statistics } = sizes.images;
    const own = await shapesSet({ ...statistics, count: sizes.testImages, seed: 1 });
    const shifted = await shapesSet({ side: statistics.side, count: sizes.testImages, seed: 1, cueConflict: true });
    return lookBySize(sizes, bench, async (outputsOf) => ({
      inDomain: await headAccuracy(own, outputsOf),
      shifted: await headAccuracy(shifted, outputsOf),
      ...(await probeAccuracies([own, shifted], probeImages, outputsOf, bench.engine)),
    }));
  },

  judge(seen) {
    const [inDomain, shifted, probe] = (["inDomain", "shifted", "probe"] as const).map((key) =>
      overSizes(seen, (one) => one[key]),
    ) as [Sizes, Sizes, Sizes];
    const [late, lateShifted] = [lateShare(inDomain), lateShare(shifted)];
    return {
      probe: { measured: list(probe), verdict: rising(probe) },
      shift: { measured: `${list(shifted)}; in the own distribution ${list(inDomain)}`, verdict: rising(shifted) },
      later: {
        measured: `${digits(100 * lateShifted, 2)} % of the gain under the shift, ${digits(100 * late, 2)} % in the own distribution`,
        verdict: lateShifted > late ? "reproduced" : "not seen at this scale",
      },
    };
  },

  tables: (seen, { sizes: { seeds, testImages }, probeImages }) => [
    {
      title: `Top-1 accuracy on ${testImages} images of 16 shapes`,
      columns: ["model", "own distribution", "textures in conflict", "linear probe", "probe, in conflict"],
      rows: Object.entries(seen).map(([name, one]) => [
        name,
        ...(["inDomain", "shifted", "probe", "shiftedProbe"] as const).map((key) =>
          overSeeds(
            one.map((values) => values[key]),
            3,
          ),
        ),
      ]),
      note: `Mean ± standard deviation over ${seeds.length} seeds; probes are fitted on ${probeImages} of the images, and measured on the others.`,
    },
  ],
});

type Sizes = ReturnType<typeof overSizes>;

const list = (sizes: Sizes) => `${sizes.map(({ mean }) => `${digits(100 * mean)} %`).join(", ")}, smallest first`;

function rising(sizes: Sizes): Verdict {
  const [first, last] = [sizes[0]!, sizes.at(-1)!];
  const isRising = sizes.every(({ mean }, i) => i === 0 || mean > sizes[i - 1]!.mean);
  if (isRising && last.mean - first.mean > Math.max(first.deviation, last.deviation)) return "reproduced";
  return last.mean > first.mean ? "same direction" : "not seen at this scale";
}

/** Of the gain from the smallest to the largest size, the share that comes after the middle one. */
function lateShare(sizes: Sizes): number {
  const [first, middle, last] = [sizes[0]!, sizes[Math.floor(sizes.length / 2)]!, sizes.at(-1)!];
  return (last.mean - middle.mean) / (last.mean - first.mean);
}

/** Top-1 accuracy of a model's own head. */
export async function headAccuracy(images: ImageSet, outputsOf: OutputsOf): Promise<number> {
  const { classes } = decide(await outputsOf("logits", images), 1);
  return classes.filter((decision, i) => decision === images.labels.data[i]).length / classes.length;
}

/** Probes fitted on the first images of the own distribution, measured on what is left of each. */
async function probeAccuracies(
  [own, shifted]: readonly [ImageSet, ImageSet],
  count: number,
  outputsOf: OutputsOf,
  engine: Engine,
): Promise<Pick<Seen, "probe" | "shiftedProbe">> {
  const rows = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const [known, unknown] = [await featuresOf(own, outputsOf), await featuresOf(shifted, outputsOf)];
  const { classifier } = await sweptProbe(takeRows(known, rows(0, count)), {
    ...{ l2: [1e-1, 1e-2, 1e-3], tolerance: 1e-4, engine },
  });
  const scorer = linearScorer({ engine });
  const accuracy = async (features: Features) => {
    const rest = takeRows(features, rows(count, features.labels.length));
    return topKAccuracy(await scorer.predictions(rest, classifier)).value;
  };
  try {
    return { probe: await accuracy(known), shiftedProbe: await accuracy(unknown) };
  } finally {
    await scorer.dispose();
  }
}
