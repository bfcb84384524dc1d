/*
 * What a step costs at which diagnostics are observed, beside one at which they are not: taken in turn in one process, on noise.
 *
 *     node --conditions=@vitscale/source --import tsx test/observation-cost.ts ../../configs/generated-shapes.ts 40
 */
import { loadavg } from "node:os";
import { hostTensor } from "@vitscale/core";
import { quantile } from "@vitscale/eval";
import { buildOptimizer } from "../src/config/build.ts";
import { loadConfig } from "../src/config/load-config.ts";
import { initialState, type RunState } from "../src/initial-state.ts";
import { wholeShare } from "../src/mesh/share.ts";
import { readScalars } from "../src/metric-window.ts";
import { createClosing } from "../src/training/closing.ts";
import { compilePrograms } from "../src/training/programs.ts";
import { stepParts } from "../src/training/step-parts.ts";

const [path = "../../configs/generated-shapes.ts", pairs = "40"] = process.argv.slice(2);
const config = await loadConfig(path);
const { model, batchSize } = config;
const optimizer = buildOptimizer(config.optimizer, model);
const [share, closing] = [wholeShare(), createClosing()];
const { takeStep, takeObservedStep } = compilePrograms(config, stepParts(config, optimizer, share), share, closing);

const shape = [batchSize, model.imageSide, model.imageSide, model.channels];
const pixels = Uint8Array.from({ length: shape.reduce((product, side) => product * side) }, () => 256 * Math.random());
const labels = Int32Array.from({ length: batchSize }, (_, row) => row % model.classes);
const batch = { images: hostTensor("uint8", shape, pixels), labels: hostTensor("int32", [batchSize], labels) };

let state: RunState = initialState(config, optimizer);
/** Takes a step, in milliseconds; its numbers are read, as the trainer reads them. */
async function timed(take: typeof takeStep, step: number): Promise<number> {
  const began = performance.now();
  const taken = await take(state, batch, { learningRate: 1e-4, ...optimizer.scalars(step) });
  state = taken.state as RunState;
  await readScalars({ ...taken.metrics, ...taken.observations });
  return performance.now() - began;
}

const times = { plain: [] as number[], observed: [] as number[] };
for (let pair = -3; pair < Number(pairs); pair++) {
  const [plain, observed] = [await timed(takeStep, pair + 3), await timed(takeObservedStep, pair + 3)];
  // The first compile, and warm up.
  if (pair < 0) continue;
  times.plain.push(plain);
  times.observed.push(observed);
}
const ratios = times.observed.map((time, pair) => time / times.plain[pair]!);
for (const [name, values] of Object.entries({ ...times, ratios })) {
  const ascending = values.toSorted((a, b) => a - b);
  const [low, median, high] = [0.25, 0.5, 0.75].map((at) => quantile(ascending, at).toPrecision(4));
  process.stdout.write(`${name}: ${median} (quartiles ${low} to ${high})\n`);
}
process.stdout.write(`load average ${loadavg()[0]?.toFixed(1)}\n`);
await closing.closeAll();
