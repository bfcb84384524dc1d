import { type Claim, defineClaim, notMeasurable } from "../claim.ts";
import { injected, type LinkSpeed, layersOf } from "../ranks/cases.ts";
import { summarizeAnswers } from "../ranks/findings.ts";
import { judgeOverlap, overlapStatements } from "../ranks/judge.ts";
import { findMpi, type MpiFamily, type MpiMeans, measureOverMpi } from "../ranks/mpi.ts";
import type { RanksAnswer, RanksOrder } from "../ranks/order.ts";
import { overlapTables } from "../ranks/tables.ts";

/** One start of a launcher. */
interface MpiRun {
  readonly family: MpiFamily;
  readonly ranks: number;
  /** The rate of the shaped link; absent where links are injected. */
  readonly gigabits?: number;
  readonly order: RanksOrder;
}

interface Plan {
  readonly means: MpiMeans;
  readonly runs: readonly MpiRun[];
}

const statements = overlapStatements(
  "ranks are processes of MPI in network namespaces of their own, over TCP; rates are the kernel's (tc-tbf), latencies are injected",
);

/** The same as over threads, as processes that talk over a network. */
export const overlapMpi: Claim = defineClaim<Plan, readonly RanksAnswer[]>({
  name: "overlap-mpi",
  title: "rings over MPI, between network namespaces",
  version: 1,
  isInChoice: false,
  seconds: { quick: 110, full: 440 },
  statements,

  plan(scale) {
    const means = findMpi();
    const rates = scale === "quick" ? [1] : [0.5, 1, 2];
    const latencies = [0, 2];
    return {
      means,
      runs: means.families.flatMap((family) =>
        [2, 4].flatMap((ranks) =>
          rates.map((gigabits): MpiRun => {
            const isShaped = means.unshaped === undefined;
            const order = orderOf(
              ranks,
              scale,
              latencies.map((latencyMs) => ({ gigabits, latencyMs })),
              isShaped,
            );
            return { family, ranks, order, ...(isShaped && { gigabits }) };
          }),
        ),
      ),
    };
  },

  async measure({ runs }, bench) {
    const answers: RanksAnswer[] = [];
    for (const [i, { family, ranks, gigabits, order }] of runs.entries()) {
      const name = `${family} ${ranks} ${gigabits ?? "injected"} ${i}`;
      bench.progress(
        i / runs.length,
        `${family}, ${ranks} ranks${gigabits === undefined ? "" : `, ${gigabits} Gbit/s`}`,
      );
      answers.push(await bench.cell(name, () => measureOverMpi(order, { family, ranks, gigabits }, bench.signal)));
    }
    return answers;
  },

  judge(answers) {
    if (answers.length > 0) return judgeOverlap(summarizeAnswers(answers));
    const why =
      "no MPI was found; apt-get install mpich, or openmpi-bin. The same over threads: pnpm bench --only parallel-linear";
    return Object.fromEntries(Object.keys(statements).map((name) => [name, notMeasurable(why)]));
  },

  tables(answers, { means: { unshaped } }) {
    const shaped =
      "Rates are those of the links of network namespaces (tc-tbf); latencies are injected, as few kernels have tc-netem.";
    const note = unshaped === undefined ? shaped : `Links are injected on one host, because ${unshaped}.`;
    return answers.length === 0 ? [] : overlapTables(answers, note);
  },
});

/** Both layers at every latency; where the network has a rate of its own, only the latency is injected. */
function orderOf(ranks: number, scale: "quick" | "full", speeds: readonly LinkSpeed[], isShaped: boolean): RanksOrder {
  const linkOf = (speed: LinkSpeed) => {
    if (!isShaped) return { link: injected(speed) };
    return speed.latencyMs === 0 ? {} : { link: { latencyMs: speed.latencyMs } };
  };
  const { gather, reduce } = layersOf(scale, ranks);
  const [usual, ...others] = speeds.map(linkOf);
  return {
    layers: [{ ...gather, ...usual }, ...others.map((link) => ({ ...gather, ...link })), { ...reduce, ...usual }],
    blocks: [{ ranks, images: 4, width: 768, heads: 12, depth: 2, ...usual }],
    rounds: scale === "quick" ? 5 : 7,
  };
}
