// Makes a folder of synthetic runs for measuring the dashboard: 1,000 runs with 10⁷ points by default (about 450 MB).
//
//     npx tsx apps/dashboard/test/make-runs.ts FOLDER [RUNS] [ROWS]
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder, runs = "1000", rows = "1000"] = process.argv.slice(2);
if (folder === undefined) throw new Error("give the folder to make: tsx make-runs.ts FOLDER [RUNS] [ROWS]");

/** Points of a row: with 1,000 rows, ten thousand a run. */
const metrics = ["train/loss", "train/top1", "optim/grad-norm", "optim/learning-rate", "data/epoch"];
const times = ["memory/rss-bytes", "time/step-ms", "time/data-ms", "time/images-per-second", "time/mfu"];

for (let run = 0; run < Number(runs); run++) {
  const home = join(folder, `sweep-${Math.floor(run / 100)}`, `run-${`${run}`.padStart(4, "0")}`);
  mkdirSync(home, { recursive: true });
  const [rate, width, seed] = [10 ** (-4 + (run % 7) / 2), 64 * (1 + (run % 5)), run % 3];
  const model = {
    width,
    depth: 4,
    mlpWidth: 4 * width,
    heads: 4,
    imageSide: 32,
    patchSide: 4,
    channels: 3,
    classes: 10,
  };
  const started = 1_760_000_000 + 600 * run;
  const info = {
    ...{
      schema: 1,
      name: `run-${run}`,
      status: run % 50 === 0 ? "failed" : "finished",
      seed,
      step: 20 * Number(rows),
      steps: 20 * Number(rows),
    },
    config: { batchSize: 128, learningRate: rate, seed, model, schedule: { kind: "cosine", warmupSteps: 100 } },
    ...{ started: iso(started), updated: iso(started + Number(rows)), resumed: [] },
    summary: { "validation/loss": 1 + rate, "validation/top1": 0.5 + (run % 100) / 250 },
  };
  writeFileSync(join(home, "run.json"), JSON.stringify(info, null, 2));
  const lines: string[] = [];
  for (let row = 1; row <= Number(rows); row++) {
    const noise = Math.sin(row * 12.9898 + run) * 0.1;
    const values = [...metrics, ...times].map((name, index) => [
      name,
      (1 + index) * (2.3 * Math.exp(-row / 300) + 0.4 + noise),
    ]);
    lines.push(JSON.stringify({ step: 20 * row, time: started + row, ...Object.fromEntries(values) }));
  }
  writeFileSync(join(home, "metrics.jsonl"), `${lines.join("\n")}\n`);
}

function iso(seconds: number): string {
  return new Date(1000 * seconds).toISOString();
}
