import {
  benchmarkResult,
  loadTable,
  makeSuite,
  type PredictCorruptedOptions,
  type Report,
  readAnswersFolder,
  runSuites,
  type Suite,
  type SuiteName,
  type SuiteSpec,
  suiteNames,
  table,
  writeResult,
  writeTable,
} from "@vitscale/eval";
import { applyOverrides } from "../../config/overrides.ts";
import { runPaths } from "../../runs/info.ts";
import { type Command, UsageError } from "../arguments.ts";
import { formatTable } from "../table.ts";
import type { Output } from "./output.ts";
import { crops, type Made, predictRun, tableKindOf } from "./predict-run.ts";

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
    feature: {
      type: "texts",
      value: "NAMES",
      help: "intermediates of the model for fewshot, knn, probe; pre_logits by default",
    },
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
    // A file holds one table for all suites; a model makes one for those that read the same of it.
    const kinds =
      run === undefined ? [undefined] : [...new Set(suites.map(({ name }) => tableKindOf(name as SuiteName)))];
    const saved = only("save");
    if (saved !== undefined && kinds.length > 1) {
      throw new UsageError(
        `--save ${saved}: these suites read ${kinds.join(", ")}, which are tables of their own; ask for some at a time`,
      );
    }
    const folder = only("out") ?? (run === undefined ? "evals" : runPaths(run).evaluations);
    for (const kind of kinds) {
      const { predictions, examples, ...facts } =
        run === undefined || kind === undefined
          ? await readPredictions(only("predictions")!, only("labels"))
          : await predictRun(run, kind, texts, corruptionsIn(specs), folder, output);
      if (saved !== undefined) await writeTable(saved, [predictions]);
      const own = suites.filter(({ name }) => kind === undefined || tableKindOf(name as SuiteName) === kind);
      const reports = await runSuites(own, predictions, { ...facts, folder, seed });
      for (const report of reports) output.out(`${describeReport(report)}\n`);
      if (examples !== undefined) output.out(`examples: single images for the dashboard\n  ${examples}\n`);
    }
    return 0;
  },
});

async function readPredictions(path: string, labels: string | undefined): Promise<Made> {
  const given = await loadTable(path);
  if (labels === undefined) return { predictions: given, source: path };
  const label = (await loadTable(labels)).columns.get("label");
  if (label === undefined) throw new UsageError(`${labels} has no column "label"`);
  return { predictions: table(new Map([...given.columns, ["label", label]]), path), source: `${path} and ${labels}` };
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

/** The options of the suite `corruptions`, which say what its table is made of. */
function corruptionsIn(specs: readonly SuiteSpec[]): PredictCorruptedOptions {
  for (const spec of specs) {
    if (typeof spec === "string" || spec.suite !== "corruptions") continue;
    const { suite: _, ...options } = spec;
    return options;
  }
  return {};
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

function requireSeed(text = "0"): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`--seed ${text}: give an integer`);
}
