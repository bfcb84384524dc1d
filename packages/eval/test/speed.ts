/**
 * How long the large measurements take, in seconds of the clock and of CPU.
 *
 *     node --conditions=@vitscale/source --import tsx test/speed.ts [DIR]
 *
 * DIR holds answers of observers, as `readAnswersFolder` reads them: with it the benchmark of all its data sets is timed too. For numbers
 * taken beside other work, the load average stands in each line.
 */
import { loadavg } from "node:os";
import { hostTensor, random } from "@vitscale/core";
import {
  CalibrationBins,
  calibrationError,
  cosineNeighbours,
  equalMass,
  equalWidth,
  humanBenchmark,
  readAnswersFolder,
  sortedCalibrationError,
  sweptCalibrationError,
} from "@vitscale/eval";

/** The faster of two times. */
async function time(what: string, measure: () => unknown): Promise<void> {
  const times: { readonly wall: number; readonly cpu: number }[] = [];
  for (let repeat = 0; repeat < 2; repeat++) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    await measure();
    const { user, system } = process.cpuUsage(before);
    times.push({ wall: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6 });
  }
  const [{ wall, cpu }] = times.sort((a, b) => a.wall - b.wall) as [(typeof times)[0]];
  const load = loadavg()[0]!.toFixed(0);
  process.stdout.write(`${what}: ${wall.toFixed(2)} s, CPU ${cpu.toFixed(2)} s, load average ${load}\n`);
}

const predictions = 10_000_000;
for (const [precision, Floats] of [
  ["float32", Float32Array],
  ["float64", Float64Array],
] as const) {
  const confidence = new Floats(predictions);
  const correct = new Uint8Array(predictions);
  const words = random.threefryBits(1, 2, 2 * predictions);
  for (let row = 0; row < predictions; row++) {
    // Most are nearly sure, and all are a little too sure.
    confidence[row] = 1 - 0.9 * ((words[row]! >>> 0) / 2 ** 32) ** 3;
    correct[row] = (words[predictions + row]! >>> 0) / 2 ** 32 < confidence[row]! ** 2 ? 1 : 0;
  }
  const outcomes = { confidence, correct };
  const ofTen = `of 10 million predictions (${precision})`;
  await time(`ECE ${ofTen}`, () => calibrationError(new CalibrationBins(equalWidth(15)).add(outcomes)));
  await time(`ECE in bins of equal mass ${ofTen}`, () =>
    calibrationError(new CalibrationBins(equalMass(confidence, 15)).add(outcomes)),
  );
  await time(`error over sorted runs of 100 ${ofTen}`, () => sortedCalibrationError(outcomes));
  await time(`ECE-sweep ${ofTen}`, () => sweptCalibrationError(outcomes));
}

const vectors = (rows: number, seed: number) => {
  const words = random.threefryBits(seed, 0, rows * 384);
  return hostTensor(
    "float32",
    [rows, 384],
    Float32Array.from(words, (word) => word * 2 ** -31),
  );
};
const [bank, queries] = [vectors(50_000, 1), vectors(10_000, 2)];
await time("20 nearest of 50,000 rows to each of 10,000, width 384", () => cosineNeighbours(queries, bank, 20));

const [folder] = process.argv.slice(2);
if (folder !== undefined) {
  const sets = await readAnswersFolder(folder);
  const observers = sets.map((set) => set.observers.length);
  const between = `${Math.min(...observers)} to ${Math.max(...observers)} observers`;
  await time(`benchmark of ${sets.length} data sets, ${between}, 1000 drawings`, () => humanBenchmark(sets));
}
