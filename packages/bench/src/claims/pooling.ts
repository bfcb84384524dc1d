import type { ViTOptions } from "@vitscale/vit";
import { type Bench, defineClaim } from "../claim.ts";
import { bytes, digits, gain, overSeeds } from "../report/format.ts";
import { noSlowdownRule, sameRule, verdictOf } from "../rules.ts";
import { pairedRatios } from "../statistics/paired.ts";
import { median } from "../statistics/summary.ts";
import { testLosses } from "../training/compare-variants.ts";
import { bytesOfAnImage, measureFresh } from "./fresh-process.ts";
import {
  measureVariants,
  planVariants,
  type VariantsMeasurement,
  type VariantsPlan,
  variantTables,
} from "./variants.ts";

const variants = {
  map: { pooling: "map" },
  gap: { pooling: "gap" },
  token: { pooling: "tok" },
} as const satisfies Record<string, ViTOptions>;

type Name = keyof typeof variants;

/** Processes in which a step is compiled and run once, for the memory that an image costs. */
interface MemoryPlan {
  readonly batch: number;
  readonly smallBatch: number;
  /** For each batch and each of the two. */
  readonly processes: number;
}

interface Plan extends VariantsPlan {
  readonly memory: MemoryPlan;
}

interface Measurement extends VariantsMeasurement {
  /** Bytes that an image costs at the peak, a number for each pair of processes. */
  readonly imageBytes: Readonly<Record<string, readonly number[]>>;
}

/** Half of what is printed, and what two processes may differ by without any reason. */
const [halfOfPrinted, noise] = [1.25, 1.05];

/** How tokens become one feature: attention by a learned probe, their mean, or a class token. */
export const pooling = defineClaim<Plan, Measurement>({
  name: "pooling",
  title: "pooling by attention, by the mean, or by a class token",
  version: 2,
  isInChoice: false,
  seconds: { quick: 120, full: 420 },
  statements: {
    quality: {
      kind: "paper",
      says: "Attention pooling, mean and class token give models of the same quality",
      source: "Zhai et al. 2022 §3.2",
      printed: "all perform similarly",
      rule: sameRule.text,
    },
    tokenSpeed: {
      kind: "paper",
      says: "Without the class token, whose 257th place accelerators pad, a step is no slower",
      source: "Zhai et al. 2022 §3.2",
      printed: "the token costs memory on TPU; no time is printed",
      rule: noSlowdownRule.text,
    },
    tokenMemory: {
      kind: "paper",
      says: "The class token costs memory, where its place is padded",
      source: "Zhai et al. 2022 §3.2",
      printed: "up to 50 % on TPU, which pads 257 tokens to 384",
      rule:
        `growth of a fresh process's peak memory with the batch, with the token / without, medians; reproduced: at least ${halfOfPrinted} (half of what is ` +
        `printed); same direction: above ${noise}; else not seen (by itself, one token more in 257 is 0.4 %)`,
    },
  },

  plan(scale) {
    const isQuick = scale === "quick";
    // 16 × 16 patches: the class token is the 257th.
    const timed = Object.fromEntries(
      Object.entries(variants).map(([name, options]) => [name, { ...options, imageSide: 256 }]),
    );
    return {
      ...planVariants(scale, { timed, trained: variants }),
      memory: { batch: 32, smallBatch: 4, processes: isQuick ? 1 : 3 },
    };
  },

  async measure(plan, bench) {
    const progress = (share: number, doing: string) => bench.progress(0.75 * share, doing);
    const measured = await measureVariants(plan, { ...bench, progress });
    return { ...measured, imageBytes: await measureMemory(plan, bench) };
  },

  judge({ timing: { milliseconds }, outcomes, imageBytes }) {
    const [without, withToken] = [median(imageBytes.gap!), median(imageBytes.token!)];
    const overhead = withToken / without;
    const losses = Object.fromEntries(Object.entries(outcomes).map(([name, runs]) => [name, testLosses(runs)]));
    const ratios = pairedRatios(milliseconds.gap!, milliseconds.token!);
    return {
      quality: {
        measured: `test loss ${Object.entries(losses)
          .map(([name, values]) => `${overSeeds(values)} ${name}`)
          .join(", ")}`,
        verdict: sameRule.verdict(Object.values(losses)),
      },
      tokenSpeed: { measured: `${gain(ratios)} time`, verdict: noSlowdownRule.verdict(ratios) },
      tokenMemory: {
        measured: `${bytes(withToken)} an image with, ${bytes(without)} without: ${digits(overhead)} times`,
        verdict: verdictOf(overhead >= halfOfPrinted, overhead > noise),
      },
    };
  },

  tables: (measurement, plan) => [
    ...variantTables(measurement, plan),
    {
      title: `Memory of an image: growth of the peak from a batch of ${plan.memory.smallBatch} to one of ${plan.memory.batch}`,
      columns: ["pooling", "memory", "processes"],
      rows: Object.entries(measurement.imageBytes).map(([name, values]) => [
        name,
        bytes(median(values)),
        values.map(bytes).join(", "),
      ]),
      note: "256 tokens, and 257 with the class token; each number is the difference of two fresh processes.",
    },
  ],
});

/** Peaks of fresh processes, the poolings in turn so that other work on the machine disturbs them alike. */
async function measureMemory({ timing, memory }: Plan, bench: Bench): Promise<Measurement["imageBytes"]> {
  const names: readonly Name[] = ["gap", "token"];
  const found: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < memory.processes; round++) {
    for (const [index, name] of names.entries()) {
      bench.progress(0.75 + (0.25 * (round + index / 2)) / memory.processes, `memory of ${name} in fresh processes`);
      const peakOf = (batch: number) =>
        bench.cell(`memory ${name} ${batch} ${round}`, () =>
          measureFresh({ name, batch, model: timing.variants[name]! }, { steps: 1 }, bench),
        );
      found[name]!.push(bytesOfAnImage(await peakOf(memory.batch), await peakOf(memory.smallBatch)));
    }
  }
  return found;
}
