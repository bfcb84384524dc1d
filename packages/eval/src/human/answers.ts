import { TableError } from "../table/table.ts";
import { sixteenClasses } from "./sixteen-classes.ts";

/** What several observers, people or models, answered to the same images. */
export interface Answers {
  /** Name of the data set. */
  readonly name: string;
  /** Names of conditions that occur, in the order of their first trials. */
  readonly conditions: readonly string[];
  /** [trials] */
  readonly trials: {
    readonly images: readonly string[];
    /** Numbers of {@link conditions}. */
    readonly condition: Int32Array;
    /** Numbers of the categories that are right. */
    readonly category: Int8Array;
  };
  readonly observers: readonly Observer[];
}

/** One observer's answers. */
export interface Observer {
  readonly name: string;
  readonly isHuman: boolean;
  /** [trials] numbers of categories; -1 where no answer was given. */
  readonly answers: Int8Array;
}

/** No answer within the time, as the toolbox's files write it. */
export const noAnswer = "na";

const numbers = new Map([...sixteenClasses.map((name, i) => [name, i] as const), [noAnswer, -1]]);

/**
 * The number of a category; in a column of answers also -1 for none.
 *
 * @param column whose text it is: only `category`, the truth, may not be missing
 * @throws TableError naming the row for anything else.
 */
export function categoryNumber(
  text: string,
  { column, table, row }: { readonly column: string; readonly table: string; readonly row: number },
): number {
  const isTruth = column === "category";
  const number = numbers.get(text);
  if (number !== undefined && !(isTruth && number < 0)) return number;
  const otherwise = isTruth ? "" : ', nor "na" where there is no answer';
  throw new TableError(
    table,
    `${column} is "${text}", none of the sixteen categories (${sixteenClasses.join(", ")})${otherwise}`,
    row,
  );
}

/** Observers that are people: the toolbox names them `subject-01`, `subject-02`, ... */
export function isHumanName(name: string): boolean {
  return /^subject-\d+$/.test(name);
}

/** [trials] 1 where an observer's answer is right, else 0; no answer is wrong. */
export function correctness({ answers }: Observer, { trials }: Answers): Uint8Array {
  return Uint8Array.from(answers, (answer, trial) => (answer === trials.category[trial] ? 1 : 0));
}

/** The people, or the models, among observers. */
export function observersOf({ observers }: Answers, kind: "humans" | "models"): readonly Observer[] {
  return observers.filter(({ isHuman }) => isHuman === (kind === "humans"));
}
