import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";

const repository = join(import.meta.dirname, "../../..");

/**
 * Trains the tiny model of the trainer's own tests by its command line, as a user would.
 *
 * @throws Error with the program's output when it fails
 */
export function trainRun(folder: string): void {
  const settings = ["name=tiny-seed0", "steps=60", "logEverySteps=2", "evaluations.validation.everySteps=20"];
  const config = "packages/train/test/tiny-config.ts";
  vitscale(["train", config, "--out", folder, ...settings.flatMap((setting) => ["--set", setting])]);
}

/**
 * Measures the calibration of a run on its own images; the result stands in its `evals`.
 *
 * @throws Error with the program's output when it fails
 */
export function evaluateRun(folder: string): void {
  vitscale(["eval", folder, "--suite", "calibration"]);
}

/** Runs the program from its sources. */
function vitscale(words: readonly string[]): void {
  const program = ["--conditions=@vitscale/source", "--import", "tsx", "packages/train/src/cli.ts"];
  const { status, stderr } = spawnSync(process.execPath, [...program, ...words], { cwd: repository, encoding: "utf8" });
  if (status !== 0) throw new Error(`vitscale ${words[0]} ended with ${status}:\n${stderr}`);
}

/**
 * Copies a run as another seed, with what a tiny run does not record: measures by layer, an evaluation with every kind of view, pictures.
 * Published numbers of ResNet-50 and humans (Geirhos et al. 2019) stand in the shape-bias view.
 */
export function enrichRun(from: string, folder: string, seed: number): void {
  cpSync(from, folder, { recursive: true });
  const path = join(folder, "run.json");
  const info = JSON.parse(readFileSync(path, "utf8"));
  const config = { ...info.config, seed, name: `tiny-seed${seed}` };
  writeFileSync(path, JSON.stringify({ ...info, name: `tiny-seed${seed}`, seed, config }));
  for (let step = 2; step <= 60; step += 2) {
    const layers = [0, 1, 2, 3].flatMap((layer) => [
      [`attention-logit-max/block0${layer}`, 2 + layer + step * 0.2 * (1 + Math.sin(layer + step / 9))],
      [`attention-entropy/block0${layer}`, 2.7 - 0.02 * step * (1 - layer / 5)],
    ]);
    const row = { step, time: 1_763_809_000 + step, ...Object.fromEntries(layers) };
    appendFileSync(join(folder, "metrics.jsonl"), `${JSON.stringify(row)}\n`);
  }
  mkdirSync(join(folder, "media"), { recursive: true });
  for (const [index, step] of [0, 20, 60].entries()) {
    writeFileSync(join(folder, `media/attention-${`${step}`.padStart(8, "0")}.png`), picture(16, 40 + 80 * index));
  }
  for (let i = 0; i < 8; i++) writeFileSync(join(folder, `media/mistake-${i}.png`), picture(16, 30 * i));
  writeFileSync(join(folder, "evals/suite-00000060.json"), JSON.stringify(evaluation));
}

const classes = ["airplane", "bear", "bicycle", "bird", "boat", "bottle", "car", "cat"];
const mistakes = classes.map((truth, index) => ({
  ...{ path: `media/mistake-${index}.png`, caption: "", truth, answer: classes[(index + 3) % 8]! },
  confidence: 0.93 - 0.06 * index,
}));

const evaluation = {
  ...{ name: "suite", step: 60, time: 1_763_809_088.5 },
  metrics: { top1: { value: 0.41, low: 0.37, high: 0.45, count: 640 }, "shape-bias": 0.221, ece: 0.081 },
  notes: ["Answers that name neither shape nor texture are left out of the shape bias."],
  views: [
    {
      ...{ kind: "shape-bias", title: "Shape and texture, by category", categories: classes },
      observers: [
        { name: "this run", values: [0.35, 0.2, 0.41, 0.18, 0.3, 0.44, 0.12, null], overall: 0.29 },
        { name: "ResNet-50", values: [0.17, 0.25, 0.3, 0.2, 0.15, 0.38, 0.1, 0.14], overall: 0.221 },
        { name: "humans", values: [0.97, 0.95, 0.99, 0.94, 0.96, 0.97, 0.93, 0.96], overall: 0.959 },
      ],
    },
    {
      ...{ kind: "conditions", title: "High-pass filtering", x: "standard deviation of the filter", y: "accuracy" },
      conditions: ["3.0", "1.5", "1.0", "0.7"],
      observers: [
        {
          name: "this run",
          values: [0.72, 0.5, 0.33, 0.2],
          low: [0.69, 0.46, 0.3, 0.17],
          high: [0.75, 0.54, 0.37, 0.23],
        },
        { name: "humans", values: [0.91, 0.88, 0.82, 0.71] },
      ],
    },
    {
      ...{ kind: "reliability", title: "Confidence against accuracy", error: 0.081 },
      bins: Array.from({ length: 15 }, (_, i) => {
        const confidence = (i + 0.5) / 15;
        const count = i < 2 ? 0 : 20 + 9 * i;
        return { low: i / 15, high: (i + 1) / 15, count, confidence, accuracy: count ? confidence ** 1.3 : null };
      }),
    },
    {
      ...{ kind: "trade-off", title: "Accuracy against parity", x: "demographic parity gap", y: "accuracy" },
      series: [
        { name: "debiased", points: [0, 0.02, 0.05, 0.1, 0.18].map((x) => ({ x, y: 0.822 + 0.16 * x - 0.1 * x * x })) },
        { name: "before", points: [{ x: 0.183, y: 0.85 }] },
      ],
    },
    {
      ...{ kind: "subgroups", title: "By sex", groups: ["female", "male"], sizes: [3541, 7313] },
      measures: [
        { name: "accuracy", values: [0.926, 0.813], gap: 0.112 },
        { name: "true positive rate", values: [0.52, 0.635], gap: 0.115 },
        { name: "false positive rate", values: [0.018, null], gap: null },
      ],
    },
    {
      ...{ kind: "table", title: "Out of distribution", columns: ["set", "accuracy", "published"] },
      rows: [
        ["ImageNet-V2", 0.671, 0.669],
        ["ObjectNet", 0.432, null],
      ],
    },
    {
      ...{ kind: "confusion", title: "Answers by class", classes },
      counts: classes.map((_, i) => classes.map((_, j) => (i === j ? 48 - 4 * i : (i * 7 + j * 3) % 9))),
      examples: { "0,3": mistakes.slice(0, 3) },
    },
    { kind: "images", title: "Worst mistakes", images: mistakes },
    { kind: "hologram", title: "of a later version" },
  ],
};

/** Writes a report of the benchmark whose one claim has runs behind it. */
export function writeReport(folder: string, run: string): void {
  mkdirSync(join(folder, "reports"), { recursive: true });
  for (const seed of [0, 1]) cpSync(run, join(folder, `runs/claim-seed${seed}`), { recursive: true });
  const statement = {
    kind: "paper",
    source: "Dehghani et al. 2023 §2",
    rule: "reproduced: the median is above 1",
    why: "",
  };
  const report = {
    ...{ schema: 1, status: "complete", scale: "quick", started: "2026-11-22T10:28:26.881Z", missing: [] },
    ...{ machine: { cpu: "AMD EPYC", cores: 2 }, engine: "onnxruntime", load: { before: 0.2, after: 1.9 } },
    claims: [
      {
        ...{ name: "qk-norm", title: "QK norm against divergence at high learning rates" },
        statements: {
          depends: {
            ...statement,
            says: "With QK norm the loss depends less on the rate",
            printed: "diverged without",
            measured: "0.35 nats with, 0.65 without",
            verdict: "reproduced",
          },
          large: {
            ...statement,
            says: "Logits grow without",
            printed: "beyond 50 000",
            measured: "n/a",
            verdict: "not measurable here",
            why: "needs 8 B parameters",
          },
        },
        tables: [
          {
            title: "Loss by rate",
            columns: ["rate", "with", "without"],
            rows: [["0.1", "2.2", "2.4"]],
            note: "Mean of two seeds.",
          },
        ],
        result: { runs: ["claim-seed0", "claim-seed1"] },
      },
    ],
  };
  writeFileSync(join(folder, "reports/2026-11-22.json"), JSON.stringify(report));
}

/** A square PNG in colour with a soft spot, so that galleries have something to show. */
function picture(side: number, hue: number): Buffer {
  const rows = Buffer.alloc(side * (1 + 3 * side));
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const light = Math.exp(-((x - side * 0.6) ** 2 + (y - side * 0.4) ** 2) / (side * 1.6));
      for (let channel = 0; channel < 3; channel++) {
        const base = 90 + 80 * Math.sin((hue + 120 * channel) / 57.3);
        rows[y * (1 + 3 * side) + 1 + 3 * x + channel] = base * (1 - light) + 245 * light;
      }
    }
  }
  const header = Buffer.from([0, 0, 0, side, 0, 0, 0, side, 8, 2, 0, 0, 0]);
  const parts = [chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), ...parts]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, tail]);
}

/** CRC-32 of PNG, bit by bit: the pictures have a few hundred bytes. */
function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Where a browser of the Chromium family is; undefined where none is installed. */
export function findChromium(): string | undefined {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = ["/usr/bin", "/usr/local/bin", "/snap/bin"];
  const places = [process.env.CHROMIUM ?? "", ...folders.flatMap((folder) => names.map((name) => join(folder, name)))];
  return places.find((place) => place !== "" && existsSync(place));
}
