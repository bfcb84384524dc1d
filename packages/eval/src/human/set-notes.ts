import { didYouMean } from "@vitscale/core";
import { counted } from "../counted.ts";
import { listed } from "../listed.ts";
import { mean } from "../statistics/mean.ts";
import { type Answers, correctness, observersOf } from "./answers.ts";
import { conditionRows } from "./benchmark.ts";
import { experiments, unnamedSet } from "./experiments.ts";

/** What a reader must know of a data set's conditions: those that the benchmark counts and the set lacks, and a set that it does not know. */
export function conditionNotes({ name, conditions }: Pick<Answers, "name" | "conditions">): string[] {
  if (name === unnamedSet) {
    return [
      "No data set was named, and no image is called as those of cue-conflict are (airplane1-bicycle2.png): cues do not conflict, and there is no shape bias.",
    ];
  }
  const known = experiments.find((experiment) => experiment.name === name);
  if (known === undefined) {
    const names = experiments.map((experiment) => experiment.name);
    return [
      `The benchmark has no data set ${name}${didYouMean(name, names)}; it is measured in ${counted(conditions.length, "condition")}, all that it has.`,
    ];
  }
  const missing = (known.conditions ?? []).filter((condition) => !conditions.includes(condition));
  return missing.length === 0
    ? []
    : [`Of the conditions that the benchmark counts, ${name} lacks ${missing.join(", ")}.`];
}

/** Which models are not compared because they did not answer in every data set. */
export function absentNotes(sets: readonly Answers[]): string[] {
  const models = new Set(sets.flatMap((set) => observersOf(set, "models").map(({ name }) => name)));
  const absent = new Map<string, string[]>();
  for (const model of models) {
    const lacking = sets.filter(({ observers }) => !observers.some(({ name }) => name === model));
    const names = lacking.map(({ name }) => name).join(", ");
    if (lacking.length > 0) absent.set(names, [...(absent.get(names) ?? []), model]);
  }
  return [...absent].map(([names, left]) => `Left out for want of answers to ${names}: ${left.join(", ")}.`);
}

/** Which of the benchmark's data sets are not there; nothing of a single set, which nobody takes for the benchmark. */
export function missingSetNotes(sets: readonly Pick<Answers, "name">[]): string[] {
  const missing = experiments.filter(({ name }) => !sets.some((set) => set.name === name)).map(({ name }) => name);
  if (sets.length < 2 || missing.length === 0) return [];
  return [`Published tables are means over ${experiments.length} data sets; these lack ${missing.join(", ")}.`];
}

/** Trials on which two observers must both be wrong for drawing images again to say how unsure their error consistency is. */
const fewestSharedErrors = 5;

/**
 * Which models are wrong together with people too rarely for the intervals of their error consistency: simulated ones contained the truth in 61
 * of 100 samples where .8 such trials were to be expected, in 88 of 2.4, and from about 5 on in 94.
 *
 * @param models names of those that are compared
 */
export function fewSharedErrorsNotes(sets: readonly Answers[], models: readonly string[]): string[] {
  return sets.flatMap((set) => {
    const rows = conditionRows(set).flat();
    const people = observersOf(set, "humans").map((person) => correctness(person, set));
    const names = models.filter((name) => {
      const own = correctness(set.observers.find((observer) => observer.name === name)!, set);
      const shared = people.map((person) => rows.filter((row) => own[row] === 0 && person[row] === 0).length);
      return mean(shared) < fewestSharedErrors;
    });
    if (names.length === 0) return [];
    return [
      `On fewer than ${fewestSharedErrors} trials of ${set.name} (mean over people) a person is wrong together with ${listed(names)}: intervals of error consistency are too narrow there.`,
    ];
  });
}
