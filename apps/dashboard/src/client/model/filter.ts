import type { RunSummary } from "../../shared/api.ts";
import { cell, columnTitle } from "./columns.ts";

/** Whether a run passes a filter. */
export type Test = (run: RunSummary) => boolean;

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
};

/**
 * A filter as people type it: words that all have to occur in a run's path, name, group, status or note; `key:value`, `key>value`,
 * `key<value` for a configuration's or a metric's value; `-` before any of them for the contrary; quotes around what has spaces.
 * `star` alone stands for starred runs.
 */
export function parseFilter(filter: string): Test {
  const tests = wordsOf(filter).map((word): Test => {
    const isNegative = word.startsWith("-") && word.length > 1;
    const test = parseWord((isNegative ? word.slice(1) : word).replaceAll('"', ""));
    return isNegative ? (run) => !test(run) : test;
  });
  return (run) => tests.every((test) => test(run));
}

/**
 * What of a filter can pass no run, in sentences: comparisons with what is no number, and keys that no run has.
 */
export function filterProblems(filter: string, runs: readonly RunSummary[]): string[] {
  return wordsOf(filter).flatMap((word) => {
    const match = comparison.exec(word.replace(/^-/, "").replaceAll('"', ""));
    if (match === null) return [];
    const [, key, sign, wanted] = match as unknown as [string, string, string, string];
    if (sign in comparisons && Number.isNaN(Number(wanted)))
      return [`“${wanted}” is no number, so nothing is ${sign} it.`];
    return runs.every((run) => lookUp(run, key) === undefined) ? [`No run has “${key}”.`] : [];
  });
}

const comparison = /^([^:<>=]+)(:|>=|<=|>|<|=)(.+)$/;

const wordsOf = (filter: string) => filter.match(/(?:[^\s"]+|"[^"]*"?)+/g) ?? [];

function parseWord(word: string): Test {
  const match = comparison.exec(word);
  if (match === null) {
    const wanted = word.toLowerCase();
    if (wanted === "star") return ({ star }) => star;
    return ({ id, name, group, status, note }) =>
      [id, name, group, status, note].some((text) => text.toLowerCase().includes(wanted));
  }
  const [, key, sign, wanted] = match as unknown as [string, string, string, string];
  const compare = comparisons[sign];
  return (run) => {
    const value = lookUp(run, key);
    if (value === undefined) return false;
    if (value === null) return wanted === "none";
    if (compare !== undefined) return typeof value === "number" && compare(value, Number(wanted));
    if (sign === "=" || typeof value === "number") return `${value}` === wanted || Number(wanted) === value;
    return `${value}`.toLowerCase().includes(wanted.toLowerCase());
  };
}

/** A key may be a column, a metric, a configuration's key, or the end of one: `qkNorm` for `model.qkNorm`. */
function lookUp(run: RunSummary, key: string) {
  const exact = cell(run, key) ?? cell(run, `metric.${key}`) ?? cell(run, `config.${key}`);
  if (exact !== undefined) return exact;
  const found = Object.keys(run.config).find((name) => name.endsWith(`.${key}`));
  return found === undefined ? undefined : cell(run, `config.${columnTitle(found)}`);
}
