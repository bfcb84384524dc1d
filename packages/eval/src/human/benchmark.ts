import { percentileInterval, type ResampleOptions, resamples } from "../statistics/bootstrap.ts";
import type { Estimate } from "../statistics/estimate.ts";
import { mean } from "../statistics/mean.ts";
import { ranks } from "../statistics/ranks.ts";
import { reflectedInterval } from "../statistics/reflected-interval.ts";
import { TableError } from "../table/table.ts";
import { type Answers, observersOf } from "./answers.ts";
import { conditionSampler, type MetricSums, newSetSums } from "./condition-sample.ts";
import { type Experiment, experimentOf } from "./experiments.ts";

/** The four numbers of the benchmark's tables. */
export interface HumanAlignment {
  /** Share of right answers, trials of all conditions pooled. */
  readonly accuracy: Estimate;
  /** Mean square of the difference to a person's accuracy in a condition; lower is more human-like. */
  readonly accuracyDifference: Estimate;
  readonly observedConsistency: Estimate;
  readonly errorConsistency: Estimate;
}

/** A model's place among the models of a table. */
export interface Ranked extends HumanAlignment {
  readonly model: string;
  /** Mean of the ranks by accuracy difference, observed and error consistency; 1 is the most human-like. */
  readonly meanRank: number;
  /** Rank by accuracy, 1 for the highest. */
  readonly accuracyRank: number;
}

/** What the benchmark finds. */
export interface Benchmark {
  /** Names of the data sets that count, each with weight 1. */
  readonly sets: readonly string[];
  /** Most human-like first. */
  readonly models: readonly Ranked[];
  /** People among each other; undefined where a set has fewer than two. */
  readonly humans?: HumanAlignment;
  /** By data set and model (`humans` for people). */
  readonly perSet: ReadonlyMap<string, ReadonlyMap<string, HumanAlignment>>;
}

/** The name of people in {@link Benchmark.perSet}. */
export const humansName = "humans";

const metricNames = ["accuracy", "accuracyDifference", "observedConsistency", "errorConsistency"] as const;
type MetricName = (typeof metricNames)[number];
/** Values of one observer: of the trials as they are, then of every drawing. */
type Drawn = Record<MetricName, Float64Array>;

/**
 * The benchmark of model-vs-human: mean over conditions and people of how far a model agrees with each of them, then mean over data
 * sets; people are measured by all pairs of different people. Intervals of 95 % come from drawing the images of every condition again,
 * the same for all observers.
 *
 * Geirhos et al., "Partial success in closing the gap between human and machine vision", NeurIPS 2021.
 *
 * @throws TableError when a set has none of its conditions, or no people to compare its models with, or the sets have no model in common.
 */
export function humanBenchmark(sets: readonly Answers[], options: ResampleOptions = {}): Benchmark {
  const models = namesInAll(sets);
  if (models.length > 0) requirePeople(sets);
  const perSet = new Map(
    sets.map((answers, set) => [answers.name, drawSet(answers, { ...options, stream: conditionsAtMost * set })]),
  );
  const overSets = (name: string) =>
    estimate(averageDrawn([...perSet.values()].map((drawn) => drawn.get(name)!)), sets.length);
  const rows = models.map((model) => ({ model, ...overSets(model) }));
  const hasHumans = [...perSet.values()].every((drawn) => drawn.has(humansName));
  return {
    sets: sets.map(({ name }) => name),
    models: ranked(rows),
    ...(hasHumans && { humans: overSets(humansName) }),
    perSet: new Map(
      [...perSet].map(([name, drawn]) => {
        const { length } = sets.find((answers) => answers.name === name)!.trials.images;
        return [name, new Map([...drawn].map(([observer, values]) => [observer, estimate(values, length)]))];
      }),
    ),
  };
}

/** Trials of the conditions that count, one list for each condition. */
export function conditionRows(
  { name, conditions, trials }: Answers,
  experiment: Experiment = experimentOf(name),
): number[][] {
  const counted = experiment.conditions ?? conditions;
  const groups =
    experiment.conditions === undefined && !experiment.isForeign
      ? [Array.from(trials.condition.keys())]
      : counted.map((condition) => {
          const number = conditions.indexOf(condition);
          return Array.from(trials.condition.keys()).filter((trial) => trials.condition[trial] === number);
        });
  const filled = groups.filter((rows) => rows.length > 0);
  if (filled.length === 0) {
    throw new TableError(
      name,
      `has the conditions ${conditions.join(", ")}, but the benchmark counts ${counted.join(", ")}`,
    );
  }
  return filled;
}

/** Each condition of each set is drawn from a stream of its own. */
const conditionsAtMost = 1000;

/** The metrics of every observer of a set, for its trials as they are and for every drawing. */
function drawSet(answers: Answers, { replicates = 1000, seed = 0, stream = 0 }: ResampleOptions): Map<string, Drawn> {
  const names = observersOf(answers, "models").map(({ name }) => name);
  const people = observersOf(answers, "humans").length;
  const sums = Array.from({ length: replicates + 1 }, () => newSetSums(names.length));
  for (const [condition, rows] of conditionRows(answers).entries()) {
    const addSample = conditionSampler(answers, rows);
    addSample(new Int32Array(rows.length).fill(1), sums[0]!);
    let replicate = 1;
    for (const weights of resamples(rows.length, { replicates, seed, stream: stream + condition })) {
      addSample(weights, sums[replicate++]!);
    }
  }
  const drawn = new Map<string, Drawn>();
  if (people > 1)
    drawn.set(humansName, drawnFrom(sums.map((sum) => metricsOf(sum.people, sum.humansRight / sum.humanTrials))));
  for (const [i, name] of names.entries()) {
    drawn.set(name, drawnFrom(sums.map((sum) => metricsOf(sum.models[i]!, sum.modelsRight[i]! / sum.trials))));
  }
  return drawn;
}

function metricsOf(
  { accuracyDifference, observed, errorConsistency, pairs }: MetricSums,
  accuracy: number,
): Record<MetricName, number> {
  return {
    accuracy,
    accuracyDifference: accuracyDifference / pairs,
    observedConsistency: observed / pairs,
    errorConsistency: errorConsistency / pairs,
  };
}

function drawnFrom(values: readonly Record<MetricName, number>[]): Drawn {
  return perMetric((name) => Float64Array.from(values, (value) => value[name]));
}

function averageDrawn(sets: readonly Drawn[]): Drawn {
  return perMetric((name) => sets[0]![name].map((_, i) => mean(sets.map((drawn) => drawn[name][i]!))));
}

function estimate(drawn: Drawn, count: number): HumanAlignment {
  return perMetric((name) => {
    const interval = percentileInterval(drawn[name][0]!, drawn[name].subarray(1), count);
    return name === "accuracyDifference" ? reflectedInterval(interval, 1) : interval;
  });
}

function perMetric<T>(f: (name: MetricName) => T): Record<MetricName, T> {
  return Object.fromEntries(metricNames.map((name) => [name, f(name)])) as Record<MetricName, T>;
}

function ranked(rows: readonly ({ readonly model: string } & HumanAlignment)[]): Ranked[] {
  const by = (name: MetricName, order: "ascending" | "descending") =>
    ranks(
      rows.map((row) => row[name].value),
      order,
    );
  const each = [
    by("accuracyDifference", "ascending"),
    by("observedConsistency", "descending"),
    by("errorConsistency", "descending"),
  ];
  const accuracyRanks = by("accuracy", "descending");
  return rows
    .map((row, i) => ({ ...row, meanRank: mean(each.map((values) => values[i]!)), accuracyRank: accuracyRanks[i]! }))
    .sort((a, b) => a.meanRank - b.meanRank);
}

/** Without people there is nobody whom a model could be like. */
function requirePeople(sets: readonly Answers[]): void {
  const empty = sets.find((answers) => observersOf(answers, "humans").length === 0);
  if (empty === undefined) return;
  throw new TableError(
    empty.name,
    "has answers of models alone; give those of people too, whose columns (or subj) are named subject-01, subject-02, ...",
  );
}

/** Names of the models that answered in every set. */
function namesInAll(sets: readonly Answers[]): string[] {
  const [first] = sets;
  if (first === undefined) throw new TableError("benchmark", "has no data sets; give at least one");
  const names = observersOf(first, "models").map(({ name }) => name);
  const common = names.filter((name) => sets.every(({ observers }) => observers.some((other) => other.name === name)));
  if (names.length > 0 && common.length === 0) {
    throw new TableError(
      "benchmark",
      `no model answered in all of ${sets.map(({ name }) => name).join(", ")}; leave sets out`,
    );
  }
  return common;
}
