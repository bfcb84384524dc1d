import { meshesOf, searchMesh } from "@vitscale/sharding";
import { vit22b } from "@vitscale/vit";
import { type Claim, defineClaim, type Table } from "../claim.ts";
import { bytes, digits } from "../report/format.ts";
import { forecastTraining, type Training, type TrainingForecast, tpuV4 } from "../scale/forecast-training.ts";
import { h100, ringUtilisation } from "../scale/h100.ts";
import { createTrainingMesh } from "../scale/training-step.ts";

interface Plan {
  readonly sizes: readonly number[];
  readonly imagesPerRank: number;
}

/** A mesh of one size, as it was found. */
interface Row extends TrainingForecast {
  readonly size: number;
  readonly data: number;
  readonly model: number;
  readonly fits: boolean;
}

interface Measurement {
  /** The fastest first, for each size. */
  readonly rows: readonly Row[];
  /** The best mesh of the largest size in every form. */
  readonly forms: readonly Row[];
  /** Without a bound on memory: nothing is computed twice. */
  readonly unbounded: Row;
  readonly rings: readonly { readonly ranks: number; readonly predicted: number; readonly measured: number }[];
}

const printed = 0.549;
const tolerance = 0.15;

/** ViT-22B on accelerators that are not here: what the model of a machine says, against what papers and vendors measured. */
export const scaleOnPaper: Claim = defineClaim<Plan, Measurement>({
  name: "scale-on-paper",
  title: "ViT-22B on up to 1,024 devices, on paper",
  version: 1,
  isInChoice: false,
  seconds: { quick: 30, full: 60 },
  statements: {
    utilisation: {
      kind: "paper",
      isExact: true,
      says: "ViT-22B trains at this utilisation on 1,024 TPUv4",
      source: "Dehghani et al. 2023; 64 images a chip",
      printed: "54.9 %",
      rule:
        "the paper does not say what it computed twice; reproduced: 54.9 % lies between the best mesh that fits into 32 GiB with blocks computed again and " +
        "the best with nothing computed again, both predicted from the recorded program; same direction: above 46.2 % (PaLM) without; else not seen",
    },
    h100: {
      kind: "aim",
      isExact: true,
      says: "The model of a machine predicts ring products on 2, 4 and 8 H100",
      source: "JAX documentation, collective matrix multiplication: from 43 µs for a product alone and 6 µs a round",
      printed: "68, 66, 64 % of the tensor cores' peak",
      rule: "reached: each within 15 % of what was measured there",
    },
  },

  plan: (scale) => ({
    sizes: scale === "quick" ? [64, 1024] : [16, 32, 64, 128, 256, 512, 1024],
    imagesPerRank: 64,
  }),

  async measure({ sizes, imagesPerRank }, bench) {
    const training: Training = { config: vit22b(), accelerator: tpuV4, imagesPerRank };
    const rows: Row[] = [];
    for (const [i, size] of sizes.entries()) {
      bench.progress(i / (sizes.length + 1), `${size} devices, ${meshesOf(size, ["data", "model"]).length} meshes`);
      rows.push(...(await bench.cell(`${size} devices`, async () => searchSize(training, size))));
    }
    const [best] = rows.filter(({ size }) => size === sizes.at(-1));
    const { size, data, model } = best as Row;
    const mesh = createTrainingMesh(data, model);
    const forms = await bench.cell("forms", async () =>
      (["plain", "ring", "bidirectional"] as const).map((form) => ({
        ...{ size, data, model, fits: true },
        ...forecastTraining(training, mesh, form),
      })),
    );
    const roomy = { ...training, accelerator: { ...tpuV4, memory: Number.POSITIVE_INFINITY } };
    const [unbounded] = await bench.cell("unbounded", async () => searchSize(roomy, size));
    return {
      rows,
      forms,
      unbounded: unbounded as Row,
      rings: h100.map((one) => ({ ...one, predicted: ringUtilisation(one.ranks) })),
    };
  },

  judge({ rows, unbounded, rings }, { sizes }) {
    const best = rows.find(({ size }) => size === sizes.at(-1)) as Row;
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    const isBetween = best.utilisation <= printed && printed <= unbounded.utilisation;
    const errors = rings.map(({ predicted, measured }) => predicted / measured - 1);
    return {
      utilisation: {
        measured: `${percent(best.utilisation)} on ${best.data} × ${best.model} in 32 GiB, ${percent(unbounded.utilisation)} if memory were no bound`,
        verdict: isBetween
          ? "reproduced"
          : unbounded.utilisation >= 0.462
            ? "same direction"
            : "not seen at this scale",
      },
      h100: {
        measured: rings.map(({ predicted }) => percent(predicted)).join(", "),
        verdict: errors.every((error) => Math.abs(error) <= tolerance) ? "reached" : "not reached",
      },
    };
  },

  tables: ({ rows, forms, unbounded, rings }, { imagesPerRank }) => [
    {
      title: `ViT-22B on TPUv4, ${imagesPerRank} images of 256 tokens a device: every mesh, the fastest first`,
      columns: ["devices", "data × model", "step", "utilisation", "memory", "micro-batches", "blocks computed again"],
      rows: rows.map((row) => [`${row.size}`, ...cellsOf(row)]),
      note:
        "Forward and backward pass as recorded for one rank, played in simulated time; parameters, gradients and two moments in float32, stored over `data`. " +
        "Assumed: products at 75 % of 275 TFLOP/s, 1.2 TB/s of memory without fusion, 45 GB/s and 2 µs a link and direction, bfloat16 on links and in memory.",
    },
    formTable(forms, unbounded),
    {
      title: "Ring products on H100: share of the tensor cores' peak",
      columns: ["devices", "measured", "predicted", "error"],
      rows: rings.map(({ ranks, measured, predicted }) => [
        `${ranks}`,
        `${digits(100 * measured, 2)} %`,
        `${digits(100 * predicted, 2)} %`,
        `${(100 * (predicted / measured - 1)).toFixed(1)} %`,
      ]),
      note: "Measured: JAX documentation, 1024×4096 · 4096×4096 a device and step in float16; predicted from 43 µs for one such product, and 6 µs a round.",
    },
  ],
});

function cellsOf({
  data,
  model,
  seconds,
  utilisation,
  bytes: memory,
  fits,
  microBatches,
  isRecomputed,
}: Row): string[] {
  return [
    `${data} × ${model}`,
    `${digits(seconds)} s`,
    `${(100 * utilisation).toFixed(1)} %`,
    `${bytes(memory)}${fits ? "" : ", too much"}`,
    `${microBatches}`,
    isRecomputed ? "yes" : "no",
  ];
}

function formTable(forms: readonly Row[], unbounded: Row): Table {
  return {
    title: "The best of the largest meshes, by how products communicate",
    columns: ["form", "data × model", "step", "utilisation", "memory", "micro-batches", "blocks computed again"],
    rows: [
      ...forms.map((row) => [row.form, ...cellsOf(row)]),
      [`${unbounded.form}, memory no bound`, ...cellsOf(unbounded)],
    ],
  };
}

function searchSize(training: Training, size: number): Row[] {
  const { candidates } = searchMesh({
    ...{ size, axes: ["data", "model"], memory: training.accelerator.memory },
    forecast: (mesh) => forecastTraining(training, mesh, "ring"),
  });
  return candidates.map(({ mesh, forecast, fits }) => ({ size, ...mesh.axes, fits, ...forecast }));
}
