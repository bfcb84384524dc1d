import { type Claim, defineClaim } from "../claim.ts";
import { ordersInThreads } from "../ranks/cases.ts";
import {
  type ComparedLayer,
  compareLayers,
  expectedBytes,
  type Layer,
  otherOverChosen,
  trafficTable,
} from "../ranks/exactness.ts";
import { summarizeAnswers } from "../ranks/findings.ts";
import { judgeOverlap, overlapStatements } from "../ranks/judge.ts";
import { measureInThreads } from "../ranks/measure.ts";
import type { RanksAnswer, RanksOrder } from "../ranks/order.ts";
import { overlapTables } from "../ranks/tables.ts";
import { digits } from "../report/format.ts";

interface Plan {
  readonly layers: readonly Layer[];
  readonly orders: readonly RanksOrder[];
}

interface Measurement {
  readonly layers: readonly ComparedLayer[];
  readonly answers: readonly RanksAnswer[];
}

/** Linear operations whose features several ranks share: the result, what is sent, which side to send, and what is hidden. */
export const parallelLinearClaim: Claim = defineClaim<Plan, Measurement>({
  name: "parallel-linear",
  title: "asynchronous parallel linear operations",
  version: 2,
  seconds: { quick: 55, full: 220 },
  statements: {
    exact: {
      kind: "paper",
      isExact: true,
      says: "Ranks that share a linear operation compute what one alone does",
      source: "Dehghani et al. 2023 §3",
      printed: "y = A·x",
      rule:
        "layers of small whole numbers, whose sums and products are exact in float32; reproduced: output and gradients of every layout, form " +
        "and number of ranks equal the dense layer's to the bit; else not seen",
    },
    traffic: {
      kind: "paper",
      isExact: true,
      says: "Each of k ranks sends (k − 1)/k of the inputs, or of the outputs",
      source: "Dehghani et al. 2023 §3",
      printed: "k − 1 messages of one block each",
      rule: "reproduced: the bytes that each rank hands to its transport are (k − 1)·n/k elements a row to gather, (k − 1)·m/k to reduce; else not seen",
    },
    choice: {
      kind: "paper",
      isExact: true,
      says: "Which side to shard by follows from the shape: the MLP's output layer sends a quarter if its outputs are reduced",
      source: "Dehghani et al. 2023 §3",
      printed: "by rows where the inputs are fewer, by columns where the outputs are; m = n/4 in the MLP's output",
      rule: "reproduced: for every layer the layout that is chosen sent no more than the other, and for n = 4m the other 4.0 times as much; else not seen",
    },
    ...overlapStatements("ranks are threads, and blocks travel over links whose speed is injected"),
  },

  plan: (scale) => ({
    layers: [2, 4, ...(scale === "full" ? [3, 8] : [])].flatMap((ranks) => [
      { ranks, rows: 5, inputs: 4 * 24, outputs: 24 },
      { ranks, rows: 5, inputs: 24, outputs: 4 * 24 },
    ]),
    orders: ordersInThreads(scale),
  }),

  async measure({ layers, orders }, bench) {
    const compared = await bench.cell("layers", () => compareLayers(layers, bench));
    const answers: RanksAnswer[] = [];
    for (const [i, order] of orders.entries()) {
      bench.progress(0.2 + (0.8 * i) / orders.length, `timing layers on links, ${order.layers[0]?.ranks} ranks`);
      answers.push(await bench.cell(`overlap ${i}`, () => measureInThreads(order, bench.signal)));
    }
    return { layers: compared, answers };
  },

  judge({ layers, answers }) {
    const different = layers.reduce((sum, layer) => sum + layer.different, 0);
    const astray = layers.filter(({ sent, ...layer }) => sent.some((bytes) => bytes !== expectedBytes(layer)));
    const ratios = layers.flatMap((layer) => otherOverChosen(layer, layers));
    const isLess = ratios.every(({ ratio }) => ratio >= 1);
    const isQuarter = ratios.every(
      ({ inputs, outputs, ratio }) => inputs !== 4 * outputs || ratio.toFixed(1) === "4.0",
    );
    return {
      exact: {
        measured: `${different} elements differ in ${layers.length} cases`,
        verdict: different === 0 ? "reproduced" : "not seen at this scale",
      },
      traffic: {
        measured: `${layers.length - astray.length} of ${layers.length} cases to the byte`,
        verdict: astray.length === 0 ? "reproduced" : "not seen at this scale",
      },
      choice: {
        measured: `the other layout sends at least ${digits(Math.min(...ratios.map(({ ratio }) => ratio)))} times as much`,
        verdict: isLess && isQuarter ? "reproduced" : "not seen at this scale",
      },
      ...judgeOverlap(summarizeAnswers(answers)),
    };
  },

  tables: ({ layers, answers }) => [
    ...overlapTables(answers, "Links are injected: a wrapper of the transport holds messages back until they are due."),
    trafficTable(layers),
  ],
});
