import { type Answers, type Observer, observersOf } from "./answers.ts";
import { consistencyOf } from "./consistency.ts";

/** Sums of a metric over pairs of observers, and how many pairs there are. */
export interface MetricSums {
  accuracyDifference: number;
  observed: number;
  errorConsistency: number;
  pairs: number;
}

/** What the conditions of a data set say of all observers, for one drawing of their trials. */
export interface SetSums {
  trials: number;
  /** Trials of all people together, and right answers. */
  humanTrials: number;
  humansRight: number;
  /** Right answers of each model, [models]. */
  readonly modelsRight: Float64Array;
  /** Against every person: each model, and every pair of different people. */
  readonly models: readonly MetricSums[];
  readonly people: MetricSums;
}

/** Sums of nothing yet. */
export function newSetSums(models: number): SetSums {
  return {
    ...{ trials: 0, humanTrials: 0, humansRight: 0 },
    modelsRight: new Float64Array(models),
    models: Array.from({ length: models }, newSums),
    people: newSums(),
  };
}

/**
 * A function that adds what one condition says, for any weights of its trials (how often each is drawn).
 *
 * The bootstrap asks thousands of times, so trials are grouped by who among the people is right: of four people there are far fewer
 * patterns than trials, and a model's agreement with each of them follows from how often it is right within each pattern.
 *
 * @param rows numbers of the trials that belong to the condition
 */
export function conditionSampler(
  answers: Answers,
  rows: ArrayLike<number>,
): (weights: Int32Array, sums: SetSums) => void {
  const trials = rows.length;
  const { category } = answers.trials;
  const rightIn = ({ answers: given }: Observer) =>
    Uint8Array.from(rows, (row) => (given[row] === category[row] ? 1 : 0));
  const humans = observersOf(answers, "humans").map(rightIn);
  const { patternOf, patterns } = patternsOf(humans, trials);
  const everyTrial = byPattern(Array.from(patternOf.keys()), patternOf, patterns.length);
  const models = observersOf(answers, "models").map((observer) => {
    const right = rightIn(observer);
    return byPattern(
      everyTrial.trials.filter((trial) => right[trial] === 1),
      patternOf,
      patterns.length,
    );
  });
  const patternsWith = (...people: readonly number[]) =>
    Int32Array.from(patterns.keys()).filter((pattern) => people.every((human) => patterns[pattern]![human] === "1"));
  const rightPatterns = humans.map((_, human) => patternsWith(human));
  const pairs = humans.flatMap((_, second) =>
    Array.from({ length: second }, (_, first) => ({ first, second, both: patternsWith(first, second) })),
  );
  const counts = new Int32Array(patterns.length);
  const accuracies = new Float64Array(humans.length);

  return (weights, sums) => {
    sums.trials += trials;
    sums.humanTrials += trials * humans.length;
    countPatterns(everyTrial, weights, counts);
    for (let human = 0; human < humans.length; human++) {
      const right = within(counts, rightPatterns[human]!);
      sums.humansRight += right;
      accuracies[human] = right / trials;
    }
    for (const { first, second, both } of pairs) {
      add(sums.people, accuracies[first]!, accuracies[second]!, within(counts, both) / trials);
    }
    for (let model = 0; model < models.length; model++) {
      const right = countPatterns(models[model]!, weights, counts);
      sums.modelsRight[model]! += right;
      for (let human = 0; human < humans.length; human++) {
        const both = within(counts, rightPatterns[human]!) / trials;
        add(sums.models[model]!, right / trials, accuracies[human]!, both);
      }
    }
  };
}

/** Trials in the order of their patterns, and where in the list each pattern ends. */
interface TrialsByPattern {
  readonly trials: Int32Array;
  readonly ends: Int32Array;
}

function byPattern(trials: Iterable<number>, patternOf: Int32Array, patterns: number): TrialsByPattern {
  const sorted = Int32Array.from(trials).sort((a, b) => patternOf[a]! - patternOf[b]!);
  const ends = new Int32Array(patterns);
  for (const trial of sorted) ends[patternOf[trial]!]!++;
  for (let pattern = 1; pattern < patterns; pattern++) ends[pattern]! += ends[pattern - 1]!;
  return { trials: sorted, ends };
}

/** Fills in the weight of each pattern's trials, and returns that of all. */
function countPatterns({ trials, ends }: TrialsByPattern, weights: Int32Array, counts: Int32Array): number {
  let [all, next] = [0, 0];
  for (let pattern = 0; pattern < ends.length; pattern++) {
    let sum = 0;
    for (const end = ends[pattern]!; next < end; next++) sum += weights[trials[next]!]!;
    counts[pattern] = sum;
    all += sum;
  }
  return all;
}

/** Sum of the counts of some patterns. */
function within(counts: Int32Array, patterns: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < patterns.length; i++) sum += counts[patterns[i]!]!;
  return sum;
}

const newSums = (): MetricSums => ({ accuracyDifference: 0, observed: 0, errorConsistency: 0, pairs: 0 });

function add(sums: MetricSums, first: number, second: number, both: number): void {
  const { accuracyDifference, observed, errorConsistency } = consistencyOf(first, second, both);
  sums.accuracyDifference += accuracyDifference;
  sums.observed += observed;
  sums.errorConsistency += errorConsistency;
  sums.pairs++;
}

/** Distinct patterns of people who are right (character i is 1 where person i is), and the number of each trial's pattern. */
function patternsOf(
  humans: readonly Uint8Array[],
  trials: number,
): { patternOf: Int32Array; patterns: readonly string[] } {
  const numbers = new Map<string, number>();
  const patternOf = new Int32Array(trials);
  for (let trial = 0; trial < trials; trial++) {
    const pattern = humans.map((right) => right[trial]).join("");
    if (!numbers.has(pattern)) numbers.set(pattern, numbers.size);
    patternOf[trial] = numbers.get(pattern)!;
  }
  return { patternOf, patterns: [...numbers.keys()] };
}
