import { type Claim, defineClaim, type Finding, notMeasurable, type Statement } from "../claim.ts";
import { type Comparison, comparePeers, timesOf } from "../peers/compare.ts";
import { type PeerName, peers } from "../peers/peers.ts";
import { spread } from "../report/format.ts";
import { atLeastRule, type Rule } from "../rules.ts";
import { pairedRatios } from "../statistics/paired.ts";
import { logRounds } from "../training/rounds-record.ts";
import { findPeers, missingTable, peerTable } from "./peer-tables.ts";
import { threadCount, tiny, trainStepTask, vitS16, vitTi16, type Workload } from "./sizes.ts";

/** A workload with the peers that do it within a bearable time. */
interface Race {
  readonly workload: Workload;
  readonly peers: readonly PeerName[];
  readonly rounds: number;
  /** Seconds after which no round begins; see `interleave`. */
  readonly seconds: number;
}

interface Plan {
  readonly races: readonly Race[];
  readonly threads: number;
  readonly found: Readonly<Record<string, boolean>>;
}

type Measurement = readonly Comparison[];

/** How many times faster this project should be than each peer, and why. */
const aims = {
  torch: { factor: 1, says: "A training step is faster than in eager PyTorch" },
  jax: { factor: 1, says: "A training step is faster than in jitted JAX" },
  "tfjs-node": { factor: 1, says: "A training step is faster than in TensorFlow.js on libtensorflow" },
  "tfjs-wasm": { factor: 10, says: "A training step is ten times faster than in TensorFlow.js on WebAssembly" },
  "jax-js": { factor: 10, says: "A training step is ten times faster than in jax-js on WebAssembly" },
  "tfjs-cpu": { factor: 10, says: "A training step is ten times faster than in TensorFlow.js in plain JavaScript" },
} as const satisfies Partial<Record<PeerName, { factor: number; says: string }>>;

type Opponent = keyof typeof aims;
const opponents = Object.keys(aims) as Opponent[];
const rules = Object.fromEntries(opponents.map((name) => [name, atLeastRule(aims[name].factor)])) as Record<
  Opponent,
  Rule<readonly number[]>
>;

function statement(name: Opponent): Statement {
  const { factor, says } = aims[name];
  return {
    ...{ kind: "aim", says, source: "same step, same threads where it has threads" },
    printed: factor === 1 ? "faster" : `${factor} times faster`,
    rule: `peer time / our time, at the largest size that the peer was measured at; ${rules[name].text}`,
  };
}

/** Forward, backward and AdamW beside every peer that is on the machine, interleaved. */
export const trainingSpeed: Claim = defineClaim<Plan, Measurement>({
  name: "training-speed",
  title: "the training step beside other libraries",
  version: 1,
  seconds: { quick: 75, full: 500 },
  statements: Object.fromEntries(opponents.map((name) => [name, statement(name)])),

  async plan(scale) {
    const isQuick = scale === "quick";
    const fast: PeerName[] = ["vitscale", "torch", "jax", "tfjs-node"];
    const slow: PeerName[] = ["tfjs-wasm", "jax-js"];
    const times = (quick: number, full: number) =>
      isQuick ? { rounds: quick, seconds: 20 } : { rounds: full, seconds: 150 };
    return {
      races: [
        { workload: tiny, peers: [...fast, ...slow, "tfjs-cpu"], ...times(3, 10) },
        { workload: vitTi16, peers: [...fast, ...slow], ...times(3, 10) },
        // tfjs-wasm does not end its first step of this one within a quarter of an hour.
        { workload: vitS16, peers: fast, ...times(5, 15) },
      ],
      threads: threadCount(),
      found: await findPeers(Object.keys(aims) as PeerName[]),
    };
  },

  async measure({ races }, bench) {
    const comparisons: Comparison[] = [];
    for (const [index, { workload, peers: names, rounds, seconds }] of races.entries()) {
      const comparison = await bench.cell(workload.name, async () => {
        const chosen = peers.filter(({ name }) => names.includes(name));
        const compared = await comparePeers(chosen, trainStepTask(workload, bench), {
          ...{ rounds, seconds, signal: bench.signal },
          onProgress: (share, doing) => bench.progress((index + share) / races.length, `${workload.name}: ${doing}`),
        });
        const about = { config: workload, seed: 0, steps: rounds };
        const times = compared.results.map(({ name, milliseconds }) => [name, milliseconds] as const);
        logRounds(bench.record(workload.name, about), Object.fromEntries(times));
        return compared;
      });
      comparisons.push(comparison);
    }
    return comparisons;
  },

  judge(comparisons, { races }) {
    return Object.fromEntries(opponents.map((name) => [name, judgePeer(name, comparisons, races)]));
  },

  tables: (comparisons, { races }) => [
    ...races.map(({ workload }, index) =>
      peerTable(`Forward, backward and AdamW of ${workload.name}`, workload.batch, comparisons[index]!),
    ),
    missingTable(comparisons),
  ],
});

/** The largest race that a peer took part in decides. */
function judgePeer(name: Opponent, comparisons: Measurement, races: readonly Race[]): Finding {
  const at = comparisons.findLastIndex((comparison) => timesOf(comparison, name) !== undefined);
  const comparison = comparisons[at];
  const ours = comparison && timesOf(comparison, "vitscale");
  if (comparison === undefined || ours === undefined) {
    return notMeasurable(comparisons.findLast(({ missing }) => missing[name])?.missing[name] ?? "it was not run");
  }
  const ratios = pairedRatios(timesOf(comparison, name)!, ours);
  return { measured: `${spread(ratios)} times, ${races[at]!.workload.name}`, verdict: rules[name].verdict(ratios) };
}
