import { readdirSync } from "node:fs";
import { join } from "node:path";
import { vit22b } from "@vitscale/vit";
import { type Bench, defineClaim, notMeasurable } from "../claim.ts";
import { type KernelTimes, readKernelTrace } from "../measure/kernel-trace.ts";
import { openPeer } from "../peers/open-peer.ts";
import { peers } from "../peers/peers.ts";
import { bytes, digits, spread } from "../report/format.ts";
import { atMostRule } from "../rules.ts";
import { mean, median } from "../statistics/summary.ts";
import { bytesOfAnImage, type Fresh, measureFresh } from "./fresh-process.ts";
import { trainStepTask, vitS16, type Workload } from "./sizes.ts";

interface Plan {
  readonly workload: Workload;
  /** Fresh processes in which it is compiled. */
  readonly processes: number;
  /** Steps in each of them. */
  readonly steps: number;
  /** A smaller batch: what its memory lacks is that of the other images' activations. */
  readonly smallBatch: number;
  /** A larger model, for the time that it takes to compile; null where there is no time for it. */
  readonly large: Workload | null;
}

interface Measurement {
  /** Processes of the workload as it is. */
  readonly plain: readonly Fresh[];
  /** One with a smaller batch, and both again with rematerialisation. */
  readonly memory: { readonly plainSmall: Fresh; readonly remat: Fresh; readonly rematSmall: Fresh };
  readonly large: Fresh | null;
  /** Mean milliseconds of a step under the profiler, and where they went. */
  readonly profiled: { readonly step: number; readonly kernels: KernelTimes };
}

const rules = {
  outside: atMostRule(0.03),
  compile: atMostRule(2),
  compileLarge: atMostRule(8),
  memory: atMostRule(1.6),
  remat: atMostRule(0.5),
};

const aim = { kind: "aim", source: "ViT-S/16, batch 8" } as const;

/** What a training step costs beside its arithmetic: JavaScript and copies, compiling, memory. */
export const stepCost = defineClaim<Plan, Measurement>({
  name: "step-cost",
  title: "what a training step costs beside its arithmetic",
  version: 1,
  seconds: { quick: 50, full: 240 },
  statements: {
    outside: {
      ...aim,
      says: "Share of the step outside the engine's kernels (JavaScript, copies, scheduling)",
      printed: "at most 3 %",
      rule: `1 − kernel time / wall time under ONNX Runtime's profiler; ${rules.outside.text}`,
    },
    compile: {
      ...aim,
      says: "Trace, passes and session of ViT-S/16 training",
      printed: "at most 2 s",
      rule: `seconds in fresh processes; ${rules.compile.text}`,
    },
    compileLarge: {
      ...aim,
      says: "Trace, passes and session of ViT-L/16 training",
      source: "ViT-L/16, batch 1",
      printed: "at most 8 s",
      rule: `seconds in a fresh process; ${rules.compileLarge.text}`,
    },
    memory: {
      ...aim,
      says: "Peak memory of the process that trains",
      printed: "at most 1.6 GB",
      rule: `largest resident set (maxRSS) of fresh processes, in GB; ${rules.memory.text}`,
    },
    remat: {
      ...aim,
      says: "Rematerialisation halves the memory of activations",
      printed: "at most 0.5 of it",
      rule: `growth of peak memory with the batch, with over without; ${rules.remat.text}`,
    },
  },

  plan(scale) {
    const isQuick = scale === "quick";
    return {
      ...{ workload: vitS16, processes: isQuick ? 2 : 7, steps: isQuick ? 3 : 10, smallBatch: 2 },
      large: isQuick ? null : { name: "ViT-L/16, batch 1", model: vit22b("L/16", { pooling: "gap" }), batch: 1 },
    };
  },

  async measure({ workload, processes, steps, smallBatch, large }, bench) {
    const small: Workload = { ...workload, name: `${workload.name} cut to ${smallBatch}`, batch: smallBatch };
    const total = processes + 5;
    let done = 0;
    const fresh = (one: Workload, count: number, rematerialize: Fresh["rematerialize"] = "none") => {
      const place = done++;
      return bench.cell(`process ${place}`, () => {
        bench.progress(place / total, `${one.name} in a fresh process`);
        return measureFresh(one, { steps: count, rematerialize }, bench);
      });
    };
    const plain: Fresh[] = [];
    while (plain.length < processes) plain.push(await fresh(workload, steps));
    const memory = {
      plainSmall: await fresh(small, 2),
      remat: await fresh(workload, steps, "block"),
      rematSmall: await fresh(small, 2, "block"),
    };
    bench.progress(done++ / total, "profiling");
    const profiled = await profile(workload, steps, bench);
    return { plain, memory, profiled, large: large && (await fresh(large, 1)) };
  },

  judge({ plain, memory, large, profiled }) {
    const { step, kernels } = profiled;
    const share = 1 - kernels.kernels / step;
    const seconds = plain.map(compileSeconds);
    const gigabytes = plain.map(({ peakBytes }) => peakBytes / 1e9);
    const kept = rematShare(plain, memory);
    return {
      outside: {
        measured: `${digits(100 * share)} % (${digits(100 * (1 - kernels.run / step))} % outside of the library)`,
        verdict: rules.outside.verdict([share]),
      },
      compile: { measured: spread(seconds, "s"), verdict: rules.compile.verdict(seconds) },
      compileLarge:
        large === null
          ? notMeasurable("it takes a minute and 7 GB; pnpm bench --full does it")
          : {
              measured: `${digits(compileSeconds(large))} s`,
              verdict: rules.compileLarge.verdict([compileSeconds(large)]),
            },
      memory: { measured: spread(gigabytes, "GB"), verdict: rules.memory.verdict(gigabytes) },
      remat: { measured: digits(kept), verdict: rules.remat.verdict([kept]) },
    };
  },

  tables({ plain, memory, large, profiled }, { workload }) {
    const { step, kernels } = profiled;
    const row = (name: string, milliseconds: number) => [
      name,
      digits(milliseconds),
      `${digits((100 * milliseconds) / step)} %`,
    ];
    const processes = [
      ...plain,
      memory.plainSmall,
      memory.remat,
      memory.rematSmall,
      ...(large === null ? [] : [large]),
    ];
    return [
      {
        title: `A training step of ${workload.name} under the profiler`,
        columns: ["part", "ms", "share"],
        rows: [
          ...kernels.byOperation.slice(0, 12).map(([name, milliseconds]) => row(name, milliseconds)),
          row("between kernels", kernels.run - kernels.kernels),
          row("JavaScript and copies", step - kernels.run),
          row("step", step),
        ],
      },
      {
        title: "Fresh processes",
        columns: ["model", "batch", "rematerialisation", "recording", "passes", "session", "step", "peak memory"],
        rows: processes.map(freshRow),
      },
    ];
  },
});

/** A few steps under ONNX Runtime's profiler, which writes its trace when the session is freed. */
async function profile(workload: Workload, steps: number, bench: Bench): Promise<Measurement["profiled"]> {
  const environment = { VITSCALE_PROFILE: join(bench.scratch, "profile") };
  const peer = await openPeer(peers[0], trainStepTask(workload, bench), { signal: bench.signal, environment });
  try {
    const times: number[] = [];
    while (times.length < steps) times.push(await peer.sample());
    await peer.finish();
    const trace = readdirSync(bench.scratch).find((name) => name.startsWith("profile-train-step"));
    if (trace === undefined)
      throw new Error("ONNX Runtime wrote no trace; is the engine another one (describeEngines)?");
    return { step: mean(times), kernels: readKernelTrace(join(bench.scratch, trace), steps) };
  } finally {
    await peer.close();
  }
}

/** Bytes that an image more in the batch costs at the peak, with rematerialisation over without. */
function rematShare(plain: readonly Fresh[], { plainSmall, remat, rematSmall }: Measurement["memory"]): number {
  const whole = { batch: plain[0]!.batch, peakBytes: median(plain.map(({ peakBytes }) => peakBytes)) };
  return bytesOfAnImage(remat, rematSmall) / bytesOfAnImage(whole, plainSmall);
}

function compileSeconds({ compile }: Fresh): number {
  return Object.values(compile).reduce((total, milliseconds) => total + milliseconds, 0) / 1000;
}

function freshRow({ name, batch, rematerialize, compile, milliseconds, peakBytes }: Fresh): string[] {
  const seconds = (part: string) => `${digits((compile[part] ?? Number.NaN) / 1000)} s`;
  const parts = ["record", "simplify", "compile"].map(seconds);
  return [name, `${batch}`, rematerialize, ...parts, spread(milliseconds, "ms"), bytes(peakBytes)];
}
