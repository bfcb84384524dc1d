import { type Answers, correctness, observersOf } from "./answers.ts";
import { consistencyOf } from "./consistency.ts";

/** Sums of a metric over pairs of observers, and how many pairs there are. */
export interface MetricSums {
  accuracyDifference: number;
  observed: number;
  errorConsistency: number;
  pairs: number;
}

/** What one condition says of all observers, for one drawing of its trials. */
export interface ConditionSample {
  /** Trials. */
  readonly trials: number;
  /** Right answers of each model, [models], and of all people together. */
  readonly modelsRight: Float64Array;
  readonly humansRight: number;
  readonly humans: number;
  /** Against every person: each model, and every pair of different people. */
  readonly models: readonly MetricSums[];
  readonly people: MetricSums;
}

/**
 * A function that takes the measure of one condition for any weights of its trials (how often each is drawn).
 *
 * The bootstrap asks thousands of times, so trials are grouped by who among the people is right: of ten people there are far fewer
 * patterns than trials, and a model's agreement with each of them follows from how often it is right within each pattern.
 *
 * @param rows numbers of the trials that belong to the condition
 */
export function conditionSampler(answers: Answers, rows: ArrayLike<number>): (weights: Int32Array) => ConditionSample {
  const trials = rows.length;
  const select = (right: Uint8Array) => Uint8Array.from(rows, (row) => right[row]!);
  const humans = observersOf(answers, "humans").map((observer) => select(correctness(observer, answers)));
  const models = observersOf(answers, "models").map((observer) => rightTrials(select(correctness(observer, answers))));
  const { patternOf, patterns } = patternsOf(humans, trials);
  const everyone = new Uint8Array(patterns.length).fill(1);
  const masks = humans.map((_, human) => Uint8Array.from(patterns, (pattern) => (pattern >>> human) & 1));
  const pairs = masks.flatMap((mask, first) =>
    masks.slice(first + 1).map((other, i) => {
      const both = mask.map((value, pattern) => value & other[pattern]!);
      return { first, second: first + 1 + i, both };
    }),
  );

  return (weights) => {
    const drawn = new Int32Array(patterns.length);
    for (let trial = 0; trial < trials; trial++) drawn[patternOf[trial]!]! += weights[trial]!;
    const accuracies = masks.map((mask) => within(drawn, mask) / trials);

    const people = newSums();
    for (const { first, second, both } of pairs) {
      add(people, accuracies[first]!, accuracies[second]!, within(drawn, both) / trials);
    }

    const modelsRight = new Float64Array(models.length);
    const right = new Int32Array(patterns.length);
    const sums = models.map((trialsRight, model) => {
      right.fill(0);
      for (let i = 0; i < trialsRight.length; i++) {
        const trial = trialsRight[i]!;
        right[patternOf[trial]!]! += weights[trial]!;
      }
      modelsRight[model] = within(right, everyone);
      const own = newSums();
      for (let human = 0; human < masks.length; human++) {
        add(own, modelsRight[model]! / trials, accuracies[human]!, within(right, masks[human]!) / trials);
      }
      return own;
    });
    const humansRight = accuracies.reduce((sum, accuracy) => sum + accuracy * trials, 0);
    return { trials, modelsRight, humansRight, humans: humans.length, models: sums, people };
  };
}

/** Sum of the counts of the patterns that a mask has. */
function within(counts: Int32Array, mask: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i]! * mask[i]!;
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

/** Distinct patterns of people who are right (bit i is person i), and the number of each trial's pattern. */
function patternsOf(
  humans: readonly Uint8Array[],
  trials: number,
): { patternOf: Int32Array; patterns: readonly number[] } {
  if (humans.length > 31) throw new RangeError(`${humans.length} people in one data set; at most 31 can be compared`);
  const numbers = new Map<number, number>();
  const patternOf = new Int32Array(trials);
  for (let trial = 0; trial < trials; trial++) {
    const pattern = humans.reduce((bits, right, human) => bits | (right[trial]! << human), 0);
    if (!numbers.has(pattern)) numbers.set(pattern, numbers.size);
    patternOf[trial] = numbers.get(pattern)!;
  }
  return { patternOf, patterns: [...numbers.keys()] };
}

/** Numbers of the trials that were answered right. */
function rightTrials(right: Uint8Array): Int32Array {
  return Int32Array.from(right.keys()).filter((trial) => right[trial] === 1);
}
