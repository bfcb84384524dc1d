import type { Engine } from "@vitscale/core";
import type { RunRecord } from "@vitscale/train";

/** What a measurement says about a statement of a paper, or about an aim of this project. */
export type Verdict =
  | "reproduced"
  | "same direction"
  | "not seen at this scale"
  | "reached"
  | "not reached"
  | "not measurable here";

/** One thing that a paper prints, or that this project wants to reach, as a row of the report. */
export interface Statement {
  /** A finding of a paper, or an aim of this project: the report has a table of each. */
  readonly kind: "paper" | "aim";
  /**
   * Follows from arithmetic, on any machine and at any scale: a closed form, a bound, a count of bytes, a table computed from published
   * answers. Where it is not seen, something is broken, and the command fails.
   */
  readonly isExact?: boolean;
  /** The statement in a sentence. */
  readonly says: string;
  /** Paper and section; for an aim, what it is for. */
  readonly source: string;
  /** The printed number or finding. */
  readonly printed: string;
  /** How numbers become a verdict: written here, before anything is run, and printed beside the result. */
  readonly rule: string;
}

/** What was found about a statement. */
export interface Finding {
  /** The number measured here, with its spread. */
  readonly measured: string;
  readonly verdict: Verdict;
  /** Why it cannot be measured here, and what to do so that it can. */
  readonly why?: string;
}

/** A table of a measurement's details, for the report. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** A remark under the table. */
  readonly note?: string;
}

/** How much is measured: `quick` fits into a few minutes, `full` takes what a sound answer needs. */
export type Scale = "quick" | "full";

/** What a claim may plan with. */
export interface Places {
  /** Where the data set of a name, or a path within it, is or would be: for claims about published data, which are not part of this project. */
  dataFolder(name: string): string;
}

/** What {@link Bench.shared} keeps. */
export interface Shared<T> {
  readonly folder: string;
  readonly value: T;
}

/** What a run record says of itself. */
export interface RecordFacts {
  readonly config: unknown;
  readonly seed: number;
  readonly steps: number;
  /** Model FLOPs of a step, of trainings. */
  readonly flopsPerStep?: number;
}

/** What a claim is given to measure with. */
export interface Bench {
  readonly engine: Engine;
  /** Aborts when the user wants to stop; cells that are finished stay. */
  readonly signal: AbortSignal;
  /** Shows how much of the claim is done, 0 … 1, and what it is busy with. */
  progress(share: number, doing: string): void;
  /**
   * A part of the measurement, kept on disk as JSON: a claim that was interrupted measures only the cells that it lacks.
   *
   * @param name unique within the claim
   */
  cell<T>(name: string, measure: () => Promise<T>): Promise<T>;
  /**
   * What several claims make alike, such as a trained model: kept in a folder by its description, and made by the first claim that asks.
   *
   * @param description JSON that says everything that the result depends on, beside code and machine
   * @param make fills the folder, and gives JSON; run records that it opens belong to every claim that asks
   */
  shared<T>(description: unknown, make: (folder: string) => Promise<T>): Promise<Shared<T>>;
  /** The record of one training run, which the dashboard shows; a record of the same name that an interruption left is replaced. */
  record(name: string, about: RecordFacts): RunRecord;
  /** A folder for files that live no longer than the run of the claim. */
  readonly scratch: string;
}

/**
 * A claim: what is stated, how it is measured, and what the numbers say about it.
 *
 * Plan and measurement are JSON: the plan decides whether an earlier measurement still counts, and the verdicts and tables of a report
 * can be computed again from the measurement.
 */
export interface Claim<Plan = unknown, Measurement = unknown> {
  /** For `--only`, file names and run records. */
  readonly name: string;
  readonly title: string;
  /** Rises when the measurement changes in a way that the plan does not show; earlier results no longer count. */
  readonly version: number;
  /** Whether `pnpm bench` without `--full` and `--only` runs it: together those take a few minutes. True unless said. */
  readonly isInChoice?: boolean;
  /** Seconds that it takes on two idle cores after the claims before it, which leave what they share; for the progress bar and `--list`. */
  readonly seconds: Readonly<Record<Scale, number>>;
  readonly statements: Readonly<Record<string, Statement>>;
  /** Sizes, rounds, seeds, and what was found on the machine to measure with. */
  plan(scale: Scale, places: Places): Plan | Promise<Plan>;
  measure(plan: Plan, bench: Bench): Promise<Measurement>;
  /** A finding for each statement. Pure. */
  judge(measurement: Measurement, plan: Plan): Readonly<Record<string, Finding>>;
  /** The numbers behind the findings. Pure. */
  tables?(measurement: Measurement, plan: Plan): readonly Table[];
}

/** The same claim with plan and measurement forgotten: their types matter only inside of it, between its own functions. */
export function defineClaim<Plan, Measurement>(claim: Claim<Plan, Measurement>): Claim {
  return claim as Claim;
}

/** A finding of something that cannot be measured on this machine. @param why the cause and the remedy */
export function notMeasurable(why: string): Finding {
  return { measured: "n/a", verdict: "not measurable here", why };
}
