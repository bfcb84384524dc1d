import { modelFlopsUtilisation, tokenCount, type ViTConfig, vit22b } from "@vitscale/vit";
import { defineClaim } from "../claim.ts";
import { interleave } from "../measure/interleave.ts";
import { MissingPeerError, type OpenPeer, openPeer } from "../peers/open-peer.ts";
import { type Peer, peers } from "../peers/peers.ts";
import type { Product } from "../peers/protocol.ts";
import { digits, spread } from "../report/format.ts";
import { atLeastRule } from "../rules.ts";
import { median } from "../statistics/summary.ts";
import { logRounds } from "../training/rounds-record.ts";
import { stepFlops } from "../training/step-flops.ts";
import { threadCount, trainStepTask, vitS16, type Workload } from "./sizes.ts";

interface Plan {
  readonly workload: Workload;
  readonly threads: number;
  readonly rounds: number;
  /** Seconds after which no round begins; see `interleave`. */
  readonly seconds: number;
  readonly products: readonly Product[];
}

interface Measurement {
  /** Milliseconds of the training step, a round each. */
  readonly step: readonly number[];
  /** FLOP/s of each product by who computed it: the best of the same rounds, because a machine can only be disturbed. */
  readonly products: Readonly<Record<string, readonly number[]>>;
}

const printed = 0.549;
const aim = atLeastRule(0.75);

/** The formula, then this machine's own number by the same formula. */
export const mfu = defineClaim<Plan, Measurement>({
  name: "mfu",
  title: "model-FLOPs utilisation",
  version: 1,
  seconds: { quick: 45, full: 120 },
  statements: {
    formula: {
      kind: "paper",
      isExact: true,
      says: "ViT-22B's utilisation follows from 1,150 tokens/s a TPUv4 chip, (6P + 12·L·d·N) FLOPs a token, 275 TFLOP/s",
      source: "Dehghani et al. 2023; formula of Chowdhery et al. 2022, app. B",
      printed: "54.9 %",
      rule: "reproduced: the formula of @vitscale/vit gives a number that rounds to 54.9 %; else not seen",
    },
    utilisation: {
      kind: "paper",
      says: "A ViT with this block keeps the hardware busy",
      source: "Dehghani et al. 2023 §3",
      printed: "54.9 % on TPUv4 (bf16); PaLM 46.2 %",
      rule:
        "the same formula over the best sgemm that was measured in the same rounds; reproduced: median ≥ 54.9 %; " +
        "same direction: ≥ 46.2 % (PaLM); else not seen",
    },
    aim: {
      kind: "aim",
      says: "Model FLOP/s of the ViT-S/16 training step over the best measured sgemm",
      source: "batch 8, forward, backward and AdamW",
      printed: "at least 0.75",
      rule: `the same ratio; ${aim.text}`,
    },
  },

  plan(scale) {
    const { model, batch } = vitS16;
    return {
      ...{
        workload: vitS16,
        threads: threadCount(),
        ...(scale === "quick" ? { rounds: 6, seconds: 25 } : { rounds: 20, seconds: 300 }),
      },
      products: [
        ...[512, 1024, 1536, 2048].map((side) => ({ rows: side, inner: side, columns: side })),
        ...stepProducts(model, batch),
      ],
    };
  },

  async measure({ workload, threads, rounds, seconds, products }, bench) {
    const { signal } = bench;
    const multiply = { kind: "products", threads, products } as const;
    const opened: { step?: OpenPeer; sources: OpenPeer[] } = { sources: [] };
    try {
      bench.progress(0, "preparing the step and the products");
      opened.step = await openPeer(peerNamed("vitscale"), trainStepTask(workload, bench), { signal });
      opened.sources.push(await openPeer(peerNamed("vitscale"), multiply, { signal }));
      const torch = await openPeer(peerNamed("torch"), multiply, { signal }).catch((error: Error) => {
        if (error instanceof MissingPeerError) return undefined;
        throw error;
      });
      if (torch !== undefined) opened.sources.push(torch);

      const { step, sources } = opened;
      const contestants = [
        { name: "step", sample: step.sample },
        ...sources.map(({ name, sample }) => ({ name: `products of ${name}`, sample })),
      ];
      const onSample = (share: number) => bench.progress(0.3 + 0.7 * share, "measuring in turns");
      const times = await interleave(contestants, { rounds, seconds, warmup: 1, signal, onSample });
      logRounds(bench.record("utilisation", { config: { workload, products }, seed: 0, steps: rounds }), times);
      return {
        step: times.step!,
        products: Object.fromEntries(sources.map((source) => [source.ready.version, productRates(source, products)])),
      };
    } finally {
      for (const peer of [opened.step, ...opened.sources]) await peer?.close();
    }
  },

  judge({ step, products }, { workload }) {
    const ofTpu = modelFlopsUtilisation(vit22b(), { tokensPerSecond: 1150, peakFlops: 275e12 });
    const shares = utilisations(step, workload, bestProduct(products));
    const middle = median(shares);
    return {
      formula: {
        measured: `${(100 * ofTpu).toFixed(2)} %`,
        verdict: Math.abs(ofTpu - printed) < 5e-4 ? "reproduced" : "not seen at this scale",
      },
      utilisation: {
        measured: `${spread(shares.map((share) => 100 * share))} % (${workload.name}, float32)`,
        verdict: middle >= printed ? "reproduced" : middle >= 0.462 ? "same direction" : "not seen at this scale",
      },
      aim: { measured: spread(shares), verdict: aim.verdict(shares) },
    };
  },

  tables({ step, products }, { workload, products: shapes }) {
    const flops = stepFlops(workload);
    return [
      {
        title: `Products in float32 and the training step, ${step.length} interleaved rounds: GFLOP/s, best of each product, median of the step`,
        columns: ["rows · inner · columns", ...Object.keys(products)],
        rows: [
          ...shapes.map(({ rows, inner, columns }, index) => [
            `${rows} · ${inner} · ${columns}`,
            ...Object.values(products).map((rates) => digits(rates[index]! / 1e9)),
          ]),
          [
            "training step",
            `${digits(flops / (median(step) / 1000) / 1e9)} (${spread(step, "ms")}, ${digits(flops / 1e9)} GFLOP)`,
          ],
        ],
        note: "FLOPs of the step are (6P + 12·L·d·N) for each token, with P the block matrices: embedding, head and optimizer do not count.",
      },
    ];
  },
});

/** The products of a block of the step, forward and backward: activations by weights, and weight gradients. */
export function stepProducts(model: ViTConfig, batch: number): Product[] {
  const rows = batch * tokenCount(model);
  const { width, mlpWidth } = model;
  const [wide, joint] = [3 * width + mlpWidth, width + mlpWidth];
  return [
    { rows, inner: width, columns: wide },
    { rows, inner: joint, columns: width },
    { rows, inner: wide, columns: width },
    { rows, inner: width, columns: joint },
    { rows: width, inner: rows, columns: wide },
    { rows: joint, inner: rows, columns: width },
  ];
}

/** Utilisation in each round, of a peak in FLOP/s. */
export function utilisations(stepMilliseconds: readonly number[], workload: Workload, peak: number): number[] {
  return stepMilliseconds.map((milliseconds) => stepFlops(workload) / (milliseconds / 1000) / peak);
}

function bestProduct(products: Measurement["products"]): number {
  return Math.max(...Object.values(products).flat());
}

/** FLOP/s of each product in the best of the rounds after the warm-up. */
function productRates({ samples }: OpenPeer, products: readonly Product[]): number[] {
  return products.map(({ rows, inner, columns }, index) => {
    const times = samples.slice(1).map(({ milliseconds }) => milliseconds[index]!);
    return (2 * rows * inner * columns) / (Math.min(...times) / 1000);
  });
}

function peerNamed(name: string): Peer {
  return peers.find((peer) => peer.name === name)!;
}
