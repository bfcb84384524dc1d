import { type ViTConfig, type ViTOptions, vit22b } from "@vitscale/vit";
import type { Scale, Table } from "../claim.ts";
import { digits, overSeeds, spread } from "../report/format.ts";
import { pairedRatios } from "../statistics/paired.ts";
import { type QualityPlan, type Timing, type TimingPlan, testLosses } from "../training/compare-variants.ts";
import type { TrainingOutcome } from "../training/short-training.ts";

/** A model with ViT-22B's block that learns something of the generated images within seconds: 32 pixels, 16 or 64 tokens. */
export function smallModel(options: ViTOptions = {}): ViTConfig {
  const size = { width: 64, depth: 4, heads: 2, mlpWidth: 256 };
  return vit22b("mu/8", { ...size, imageSide: 32, classes: 16, pooling: "gap", ...options });
}

/** How quality is compared: enough steps to be clearly better than chance, and the seeds that a spread needs. */
export function shortRecipe(scale: Scale): Omit<QualityPlan, "variants"> {
  const isQuick = scale === "quick";
  const steps = isQuick ? 300 : 2000;
  return {
    steps,
    batch: 64,
    learningRate: 2e-3,
    schedule: { kind: "cosine", warmupSteps: Math.ceil(steps / 10) },
    seeds: [0, 1, 2],
    trainImages: isQuick ? 4096 : 16_384,
    testImages: isQuick ? 512 : 2048,
  };
}

/** Step times by variant, and their ratio to the first variant round by round. */
export function stepTimeTable({ batch }: TimingPlan, { milliseconds, sizes }: Timing): Table {
  const [[reference, times] = ["", []]] = Object.entries(milliseconds);
  return {
    title: `Training step, batch ${batch}, ${times.length} interleaved rounds: median (quartiles)`,
    columns: ["variant", "time", `times ${reference}`, "operations", "products"],
    rows: Object.entries(milliseconds).map(([name, values]) => [
      name,
      spread(values, "ms"),
      spread(pairedRatios(values, times), "", 4),
      `${sizes[name]?.operations}`,
      `${sizes[name]?.products}`,
    ]),
    note: "Operations and matrix products are those of the simplified graph of the whole step.",
  };
}

/** Quality by variant. */
export function qualityTable(
  { steps, batch, trainImages, testImages, learningRate }: QualityPlan,
  outcomes: Readonly<Record<string, readonly TrainingOutcome[]>>,
): Table {
  const known = (values: readonly (number | null)[]) => values.map((value) => value ?? Number.NaN);
  return {
    title: `Training on ${trainImages} generated images, ${steps} steps of ${batch}, learning rate ${learningRate}`,
    columns: ["variant", "test loss", "test top-1", "training loss", "seeds"],
    rows: Object.entries(outcomes).map(([name, runs]) => [
      name,
      overSeeds(testLosses(runs)),
      `${overSeeds(known(runs.map(({ top1 }) => top1 && 100 * top1)), 3)} %`,
      overSeeds(known(runs.map(({ finalLoss }) => finalLoss))),
      digits(runs.length, 1),
    ]),
    note: `Mean ± standard deviation over seeds; ${testImages} test images; chance is a loss of 2.773 and 6.25 %.`,
  };
}
