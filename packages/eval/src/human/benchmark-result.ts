import { didYouMean } from "@vitscale/core";
import { counted } from "../counted.ts";
import type { ResampleOptions } from "../statistics/bootstrap.ts";
import { type Estimate, exactly } from "../statistics/estimate.ts";
import type { Cell, ResultTable, SuiteResult } from "../suite/suite.ts";
import type { ResultView } from "../views/index.ts";
import { type Answers, observersOf } from "./answers.ts";
import { type Benchmark, type HumanAlignment, humanBenchmark, humansName, type Ranked } from "./benchmark.ts";
import { accuracyCurves, shapeBiasPlot } from "./plots.ts";
import { accuracyByCondition, entropyByCondition, risingConditions } from "./responses.ts";
import { absentNotes, conditionNotes, fewSharedErrorsNotes, missingSetNotes } from "./set-notes.ts";
import { cueConflictOf, type ShapeBias, shapeBias } from "./shape-bias.ts";
import { isDefined, type ShapeBiases, shapeBiasNotes, shapeBiasTables } from "./shape-bias-result.ts";
import {
  accuracyViews,
  answersView,
  dataSetViews,
  errorConsistencyViews,
  type ObserverGroup,
  shapeBiasView,
} from "./views.ts";

/** Observers that a plot can show and still be read, people included. */
const mostInPlots = 8;

/**
 * The benchmark of model-vs-human as the result of a suite: the two tables of the toolbox's README, one for each data set, shape bias
 * where there are cue-conflict images, and accuracy curves.
 *
 * @param model whose numbers become the metrics; by default the one whose mean rank is best
 * @throws RangeError naming the nearest where no model of that name answered in all data sets
 */
export function benchmarkResult(sets: readonly Answers[], options: ResampleOptions, model?: string): SuiteResult {
  const benchmark = humanBenchmark(sets, options);
  const chosen = model === undefined ? benchmark.models[0] : modelOf(benchmark, model);
  const shown = shownModels(benchmark, chosen?.model);
  const biases = shapeBiases(sets, shown, options);
  const hasBiases = Object.keys(biases).length > 0;
  return {
    metrics: {
      ...(chosen && alignmentMetrics("", chosen)),
      ...(chosen && { "mean-rank": exactly(chosen.meanRank, benchmark.models.length) }),
      ...(benchmark.humans && alignmentMetrics("humans/", benchmark.humans)),
      ...biasMetrics(biases, chosen?.model),
    },
    tables: [
      rankTable(benchmark),
      ...setTables(benchmark),
      ...(hasBiases ? shapeBiasTables(biases) : []),
      ...entropyTables(sets, shown),
    ],
    plots: [
      ...(hasBiases ? [shapeBiasPlot(biases)] : []),
      ...sets.filter(({ conditions }) => conditions.length > 1).map((set) => curvesOf(set, shown)),
    ],
    views: benchmarkViews(benchmark, sets, biases, shown),
    notes: [
      `Data sets: ${benchmark.sets.join(", ")}. Ranks are among the ${counted(benchmark.models.length, "model")} of this table.`,
      ...(chosen && benchmark.models.length > 1 ? [`The metrics are those of ${chosen.model}.`] : []),
      ...missingSetNotes(sets),
      ...absentNotes(sets),
      ...sets.flatMap(conditionNotes),
      ...fewSharedErrorsNotes(
        sets,
        benchmark.models.map(({ model }) => model),
      ),
      ...shapeBiasNotes(biases),
    ],
  };
}

function modelOf({ models }: Benchmark, name: string): Ranked {
  const found = models.find(({ model }) => model === name);
  if (found !== undefined) return found;
  const names = models.map(({ model }) => model);
  throw new RangeError(
    `no model "${name}" answered in all data sets${didYouMean(name, names)}; these did: ${names.join(", ") || "none"}`,
  );
}

/** What observers decide by, how right and how like people they are, and what people and the first of the models answered. */
function benchmarkViews(
  benchmark: Benchmark,
  sets: readonly Answers[],
  biases: ShapeBiases,
  shown: readonly string[],
): ResultView[] {
  const names = [...(benchmark.humans ? [humansName] : []), ...shown];
  return [
    ...(Object.keys(biases).length > 0 ? [shapeBiasView(biases)] : []),
    ...dataSetViews(benchmark, names),
    ...sets.flatMap((set) => {
      const groups = observerGroups(set, shown);
      const answered = groups.filter(([name]) => name === humansName || name === shown[0]);
      return [
        ...accuracyViews(set, groups),
        ...errorConsistencyViews(set, groups),
        ...answered.map((group) => answersView(set, group)),
      ];
    }),
  ];
}

function alignmentMetrics(prefix: string, alignment: HumanAlignment): Record<string, Estimate> {
  return {
    [`${prefix}ood-accuracy`]: alignment.accuracy,
    [`${prefix}accuracy-difference`]: alignment.accuracyDifference,
    [`${prefix}observed-consistency`]: alignment.observedConsistency,
    [`${prefix}error-consistency`]: alignment.errorConsistency,
  };
}

/** Shape biases of the chosen model and of people, where they are defined. */
function biasMetrics(biases: ShapeBiases, chosen: string | undefined): Record<string, Estimate> {
  return Object.fromEntries(
    Object.entries(biases).flatMap(([name, bias]): [string, Estimate][] => {
      if (!isDefined(bias) || (name !== chosen && name !== humansName)) return [];
      return [[name === chosen ? "shape-bias" : `${humansName}/shape-bias`, bias.shapeBias]];
    }),
  );
}

function rankTable({ models, humans }: Benchmark): ResultTable {
  const cells = (row: HumanAlignment) => [
    row.accuracyDifference,
    row.observedConsistency,
    row.errorConsistency,
    row.accuracy,
  ];
  return {
    title: "Human alignment",
    columns: [
      "observer",
      "accuracy difference",
      "observed consistency",
      "error consistency",
      "OOD accuracy",
      "mean rank",
      "OOD rank",
    ],
    rows: [
      ...models.map((row): Cell[] => [row.model, ...cells(row), row.meanRank, row.accuracyRank]),
      ...(humans ? [["humans", ...cells(humans), "", ""]] : []),
    ],
  };
}

/** Each metric of every observer on every data set. */
function setTables({ perSet, models, humans }: Benchmark): ResultTable[] {
  const names = [...(humans ? [humansName] : []), ...models.map(({ model }) => model)];
  return Object.entries(metricTitles).map(([metric, title]) => ({
    title: `${title} by data set`,
    columns: ["data set", ...names],
    rows: [...perSet].map(([set, observers]) => [
      set,
      ...names.map((name) => observers.get(name)?.[metric as keyof HumanAlignment].value ?? Number.NaN),
    ]),
  }));
}

const metricTitles: Record<keyof HumanAlignment, string> = {
  accuracy: "Accuracy",
  accuracyDifference: "Accuracy difference",
  observedConsistency: "Observed consistency",
  errorConsistency: "Error consistency",
};

/** How even answers are spread over categories: few bits where an observer falls back on one answer. */
function entropyTables(sets: readonly Answers[], shown: readonly string[]): ResultTable[] {
  const rows = sets.flatMap((set) => {
    const groups = observerGroups(set, shown);
    const curves = groups.map(([, observers]) => entropyByCondition(set, observers));
    return (curves[0] ?? []).map(({ condition }, i) => [
      `${set.name} ${condition}`.trim(),
      ...curves.map((curve) => curve[i]!.value),
    ]);
  });
  const [first] = sets;
  return first === undefined
    ? []
    : [
        {
          title: "Entropy of answers in bits, 4 at most",
          columns: ["data set", ...observerGroups(first, shown).map(([name]) => name)],
          rows,
        },
      ];
}

/** People together, and each of the models that are shown. */
function observerGroups(set: Answers, shown: readonly string[]): ObserverGroup[] {
  const humans = observersOf(set, "humans");
  const models = shown.flatMap((name) => set.observers.filter((observer) => observer.name === name));
  return [
    ...(humans.length > 0 ? [[humansName, humans] as const] : []),
    ...models.map((model) => [model.name, [model]] as const),
  ];
}

function shapeBiases(
  sets: readonly Answers[],
  shown: readonly string[],
  options: ResampleOptions,
): Record<string, ShapeBias> {
  const set = sets.find(({ name }) => name === "cue-conflict");
  if (set === undefined) return {};
  return Object.fromEntries(
    observerGroups(set, shown).map(([name, observers]) => [name, shapeBias(cueConflictOf(set, observers), options)]),
  );
}

function curvesOf(set: Answers, shown: readonly string[]) {
  const curves = observerGroups(set, shown).map(
    ([name, observers]) => [name, accuracyByCondition(set, observers)] as const,
  );
  return accuracyCurves(set.name, risingConditions(set), Object.fromEntries(curves));
}

/** The chosen model and those of the best ranks. */
function shownModels({ models }: Benchmark, chosen: string | undefined): string[] {
  const names = models.map(({ model }) => model).filter((name) => name !== chosen);
  return [...(chosen === undefined ? [] : [chosen]), ...names].slice(0, mostInPlots - 1);
}
