import { readdirSync } from "node:fs";
import { join } from "node:path";
import { vit22b } from "@vitscale/vit";
import { type Bench, defineClaim, notMeasurable } from "../claim.ts";
import { collectGarbage } from "../measure/garbage.ts";
import { type KernelTimes, readKernelTrace } from "../measure/kernel-trace.ts";
import { openPeer } from "../peers/open-peer.ts";
import { peers } from "../peers/peers.ts";
import { bytes, digits, spread } from "../report/format.ts";
import { atMostRule } from "../rules.ts";
import { mean } from "../statistics/summary.ts";
import { trainStepTask, vitS16, type Workload } from "./sizes.ts";

interface Plan {
  readonly workload: Workload;
  /** Fresh processes in which it is compiled. */
  readonly processes: number;
  /** Steps in each of them. */
  readonly steps: number;
  /** A larger model, for the time that it takes to compile; null where there is no time for it. */
  readonly large: Workload | null;
}

interface Fresh {
  /** Milliseconds of recording, passes and session. */
  readonly compile: Readonly<Record<string, number>>;
  readonly peakBytes: number;
  readonly steps: readonly number[];
}

interface Measurement {
  readonly fresh: readonly Fresh[];
  readonly large: Fresh | null;
  /** Mean milliseconds of a step under the profiler, and where they went. */
  readonly profiled: { readonly step: number; readonly kernels: KernelTimes };
}

const [outside, compileSmall, compileLarge, memory] = [0.03, 2, 8, 1.6].map(atMostRule) as [
  ReturnType<typeof atMostRule>,
  ReturnType<typeof atMostRule>,
  ReturnType<typeof atMostRule>,
  ReturnType<typeof atMostRule>,
];

const aim = { kind: "aim", source: "ViT-S/16, batch 8" } as const;

/** What a training step costs beside its arithmetic: JavaScript and copies, compiling, memory. */
export const stepCost = defineClaim<Plan, Measurement>({
  name: "step-cost",
  title: "what a training step costs beside its arithmetic",
  version: 1,
  seconds: { quick: 45, full: 180 },
  statements: {
    outside: {
      ...aim,
      says: "Share of the step outside the engine's kernels (JavaScript, copies, scheduling)",
      printed: "at most 3 %",
      rule: `1 − kernel time / wall time under ONNX Runtime's profiler; ${outside.text}`,
    },
    compile: {
      ...aim,
      says: "Trace, passes and session of ViT-S/16 training, in seconds",
      printed: "at most 2 s",
      rule: `in fresh processes; ${compileSmall.text}`,
    },
    compileLarge: {
      ...aim,
      says: "The same of ViT-L/16",
      source: "ViT-L/16, batch 1",
      printed: "at most 8 s",
      rule: `in a fresh process; ${compileLarge.text}`,
    },
    memory: {
      ...aim,
      says: "Peak memory of the process that trains, in GB",
      printed: "at most 1.6 GB",
      rule: `largest resident set (maxRSS) of fresh processes; ${memory.text}`,
    },
  },

  plan(scale) {
    const isQuick = scale === "quick";
    return {
      ...{ workload: vitS16, processes: isQuick ? 3 : 7, steps: isQuick ? 3 : 10 },
      large: isQuick ? null : { name: "ViT-L/16, batch 1", model: vit22b("L/16", { pooling: "gap" }), batch: 1 },
    };
  },

  async measure({ workload, processes, steps, large }, bench) {
    const fresh: Fresh[] = [];
    for (let index = 0; index < processes; index++) {
      bench.progress((0.7 * index) / processes, `compiling ${workload.name} in a fresh process`);
      fresh.push(await measureFresh(workload, steps, bench));
    }
    bench.progress(0.7, "profiling");
    const profiled = await profile(workload, steps, bench);
    if (large !== null) bench.progress(0.8, `compiling ${large.name}`);
    return { fresh, profiled, large: large && (await measureFresh(large, 1, bench)) };
  },

  judge({ fresh, large, profiled }) {
    const share = 1 - profiled.kernels.kernels / profiled.step;
    const seconds = fresh.map(compileSeconds);
    const gigabytes = fresh.map(({ peakBytes }) => peakBytes / 1e9);
    const largeSeconds = large && [compileSeconds(large)];
    return {
      outside: {
        measured: `${digits(100 * share)} % (${digits(100 * (1 - profiled.kernels.run / profiled.step))} % outside of the library)`,
        verdict: outside.verdict([share]),
      },
      compile: { measured: spread(seconds, "s"), verdict: compileSmall.verdict(seconds) },
      compileLarge:
        largeSeconds === null
          ? notMeasurable("it takes a minute and 7 GB; pnpm bench --full does it")
          : { measured: spread(largeSeconds, "s"), verdict: compileLarge.verdict(largeSeconds) },
      memory: { measured: spread(gigabytes, "GB"), verdict: memory.verdict(gigabytes) },
    };
  },

  tables({ fresh, large, profiled }, { workload }) {
    const { kernels } = profiled;
    const other = profiled.step - kernels.run;
    const row = (name: string, milliseconds: number) => [
      name,
      digits(milliseconds),
      `${digits((100 * milliseconds) / profiled.step)} %`,
    ];
    return [
      {
        title: `A training step of ${workload.name} under the profiler`,
        columns: ["part", "ms", "share"],
        rows: [
          ...kernels.byOperation.slice(0, 12).map(([name, milliseconds]) => row(name, milliseconds)),
          row("between kernels", kernels.run - kernels.kernels),
          row("JavaScript and copies", other),
          row("step", profiled.step),
        ],
      },
      {
        title: "Fresh processes",
        columns: ["model", "recording", "passes", "session", "peak memory"],
        rows: [
          ...fresh.map((one) => freshRow(workload.name, one)),
          ...(large === null ? [] : [freshRow("ViT-L/16, batch 1", large)]),
        ],
      },
    ];
  },
});

/** Compiles and runs a few steps in a process that has done nothing before. */
async function measureFresh(workload: Workload, steps: number, bench: Bench): Promise<Fresh> {
  collectGarbage();
  const peer = await openPeer(peers[0], trainStepTask(workload, bench), { signal: bench.signal });
  try {
    const times: number[] = [];
    while (times.length < steps) times.push(await peer.sample());
    return { compile: peer.ready.parts ?? {}, peakBytes: peer.samples.at(-1)!.peakBytes, steps: times };
  } finally {
    await peer.close();
  }
}

/** The same under ONNX Runtime's profiler, which writes its trace when the session is freed. */
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

function compileSeconds({ compile }: Fresh): number {
  return Object.values(compile).reduce((total, milliseconds) => total + milliseconds, 0) / 1000;
}

function freshRow(name: string, { compile, peakBytes }: Fresh): string[] {
  const seconds = (part: string) => `${digits((compile[part] ?? Number.NaN) / 1000)} s`;
  return [name, seconds("record"), seconds("simplify"), seconds("compile"), bytes(peakBytes)];
}
