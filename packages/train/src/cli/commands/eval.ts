import { evaluationCrop, imageFolder, openLoader, resize } from "@vitscale/data";
import {
  benchmarkResult,
  joinTables,
  loadTable,
  makeSuite,
  predict,
  type Report,
  readAnswersFolder,
  runSuites,
  type Suite,
  type SuiteName,
  type SuiteSpec,
  suiteNames,
  type Table,
  table,
  writeResult,
  writeTable,
} from "@vitscale/eval";
import { findCheckpoint } from "../../checkpoints/files.ts";
import { applyOverrides } from "../../config/overrides.ts";
import type { DataConfig, ResolvedConfig } from "../../config/train-config.ts";
import { hasRun, runPaths } from "../../runs/info.ts";
import { loadTrainedModel } from "../../trained-model.ts";
import { type Arguments, type Command, UsageError } from "../arguments.ts";
import { formatTable } from "../table.ts";
import type { Output } from "./output.ts";

const crops = ["standard", "square", "aspect", "whole"] as const;

/** `vitscale eval [RUN] --suite NAMES` */
export const evalCommand = (output: Output): Command => ({
  positionals: ["[RUN]"],
  help: "Runs evaluation suites on a run's model, or on a table of predictions, whoever made it.",
  options: {
    suite: { type: "texts", value: "NAMES", help: suiteNames.join(",") },
    predictions: { type: "text", value: "FILE", help: "table of predictions: .csv, .parquet, .npy or .npz" },
    labels: { type: "text", value: "FILE", help: "labels of predictions that come without: .npy or .csv" },
    checkpoint: { type: "text", value: "WHICH", help: "latest (default), best, or a step" },
    on: { type: "text", value: "NAME", help: "which evaluation's images; the first in the configuration by default" },
    images: { type: "text", value: "DIR", help: "other images instead: a folder for each class" },
    crop: { type: "text", value: "RULE", help: `how they become squares: ${crops.join(", ")}; standard by default` },
    save: { type: "text", value: "FILE", help: "also write the predictions: .csv, .parquet or .npz" },
    out: { type: "text", value: "DIR", help: "folder of the results; the run's evals, or evals, by default" },
    seed: { type: "text", value: "N", help: "seed of the intervals; 0 by default" },
  },
  // Options of suites: --calibration.bins 30, --human.answers DIR.
  fields: suiteNames,
  async run({ positionals: [run], texts, overrides }) {
    const only = (name: string) => texts[name]?.[0];
    const specs = suiteSpecs(texts.suite, overrides);
    const seed = requireSeed(only("seed"));
    if (run === undefined && only("predictions") === undefined) return runAnswers(specs, only("out"), seed, output);
    const suites = await Promise.all(specs.map(makeSuite));
    const { predictions, ...facts } =
      run === undefined
        ? await readPredictions(only("predictions")!, only("labels"))
        : await predictRun(run, texts, output);
    const saved = only("save");
    if (saved !== undefined) await writeTable(saved, [predictions]);
    const folder = only("out") ?? (run === undefined ? "evals" : runPaths(run).evaluations);
    const reports = await runSuites(suites, predictions, { ...facts, folder, seed });
    for (const report of reports) output.out(`${describeReport(report)}\n`);
    return 0;
  },
});

/** A table of predictions, and what the results say of where it is from. */
interface Made {
  readonly predictions: Table;
  readonly source: string;
  readonly step?: number;
  readonly prefix?: string;
}

async function readPredictions(path: string, labels: string | undefined): Promise<Made> {
  const given = await loadTable(path);
  if (labels === undefined) return { predictions: given, source: path };
  const label = (await loadTable(labels)).columns.get("label");
  if (label === undefined) throw new UsageError(`${labels} has no column "label"`);
  return { predictions: table(new Map([...given.columns, ["label", label]]), path), source: `${path} and ${labels}` };
}

/** What a run's model says of images: those of an evaluation in its configuration, or of a folder. */
async function predictRun(run: string, texts: Arguments["texts"], { error }: Output): Promise<Made> {
  if (!hasRun(run)) throw new UsageError(`there is no run in ${run}; vitscale runs lists those that there are`);
  const [which = "latest"] = texts.checkpoint ?? [];
  const path = findCheckpoint(run, which === "latest" || which === "best" ? which : requireStep(which));
  const model = await loadTrainedModel(path);
  try {
    const { config, step, score } = model;
    const { data, prefix } = imagesFor(config, texts);
    const { seed, batchSize, loader: options } = config;
    const loader = await openLoader({ ...data, seed, batchSize, shuffle: false, last: "pad" }, options);
    try {
      error(`${loader.samples} images through ${path}\n`);
      const parts: Table[] = [];
      for await (const part of predict(score, loader, `${prefix} images`)) parts.push(part);
      return { predictions: joinTables(parts), source: `${path} on ${prefix}`, step, prefix };
    } finally {
      await loader.close();
    }
  } finally {
    await model.dispose();
  }
}

/** The images, and the name of what they are. */
function imagesFor(
  { evaluations, model }: ResolvedConfig,
  texts: Arguments["texts"],
): { data: DataConfig; prefix: string } {
  const [folder] = texts.images ?? [];
  if (folder !== undefined) {
    const [crop = "standard"] = texts.crop ?? [];
    const rule = crops.find((name) => name === crop);
    if (rule === undefined) throw new UsageError(`--crop ${crop}: give one of ${crops.join(", ")}`);
    const preprocess = rule === "whole" ? [resize({ size: model.imageSide })] : evaluationCrop(model.imageSide, rule);
    const name = folder.replace(/\/+$/, "").split("/").at(-1)!.toLowerCase();
    return { data: { source: imageFolder({ folder }), preprocess }, prefix: name };
  }
  const names = Object.keys(evaluations);
  const [name = names[0]] = texts.on ?? [];
  const evaluation = name === undefined ? undefined : evaluations[name];
  if (name === undefined || evaluation === undefined) {
    throw new UsageError(
      `the run's configuration has no evaluation "${name ?? ""}"; it has ${names.join(", ") || "none"}; or give --images DIR`,
    );
  }
  return { data: evaluation.data, prefix: name };
}

/** The benchmark of observers among each other, where there are no predictions but answers alone. */
async function runAnswers(
  specs: readonly SuiteSpec[],
  folder = "evals",
  seed: number,
  output: Output,
): Promise<number> {
  const [spec, ...others] = specs.map((each) => (typeof each === "string" ? { suite: each } : each));
  if (spec?.suite !== "human" || !("answers" in spec) || spec.answers === undefined || others.length > 0) {
    throw new UsageError(
      "give a RUN, or --predictions FILE (or --suite human --human.answers DIR for observers among each other)",
    );
  }
  const suite: Suite = await makeSuite("human");
  const result = benchmarkResult(await readAnswersFolder(spec.answers), { seed }, spec.model);
  const path = await writeResult(folder, suite, result, { source: spec.answers });
  output.out(`${describeReport({ suite, result, path })}\n`);
  return 0;
}

/** The suites that are asked for, with their options. */
function suiteSpecs(given: readonly string[] = [], overrides: readonly string[]): SuiteSpec[] {
  const names = given.flatMap((text) => text.split(",")).map((name) => name.trim());
  if (names.length === 0) throw new UsageError(`--suite is missing; give some of ${suiteNames.join(", ")}`);
  const unused = overrides.find((override) => !names.includes(override.split(/[.=]/)[0]!));
  if (unused !== undefined) throw new UsageError(`--${unused}: that suite is not asked for by --suite`);
  const options = applyOverrides(Object.fromEntries(names.map((name): [string, object] => [name, {}])), overrides);
  return names.map((name) => ({ suite: name as SuiteName, ...options[name] }) as SuiteSpec);
}

function describeReport({ suite, result: { metrics, notes }, path }: Report): string {
  const shown = (value: number) => (Number.isNaN(value) ? "n/a" : `${Number(value.toPrecision(4))}`);
  const rows = Object.entries(metrics).map(([name, { value, low, high }]) => [
    `  ${name}`,
    shown(value),
    Number.isNaN(low) || low === high ? "" : `(${shown(low)} to ${shown(high)})`,
  ]);
  return [`${suite.name}: ${suite.measures}`, formatTable(rows), ...notes.map((note) => `  ${note}`), `  ${path}`].join(
    "\n",
  );
}

function requireStep(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`--checkpoint ${text}: give latest, best, or a step`);
}

function requireSeed(text = "0"): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`--seed ${text}: give an integer`);
}
