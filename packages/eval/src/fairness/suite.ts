import { type Binning, equalWidth } from "../calibration/bins.ts";
import { mostProbable } from "../calibration/outcomes.ts";
import { labelNeed, probabilitiesOf, type ScoredLabels, scoresNeed } from "../calibration/predictions-of.ts";
import { binaryProbabilities, classScores, type ScoreKind, takenFor } from "../calibration/probabilities.ts";
import type { RowVectors } from "../calibration/row-vectors.ts";
import { wilsonInterval } from "../statistics/index.ts";
import { inOnePart } from "../suite/accumulate.ts";
import { RowSample } from "../suite/row-sample.ts";
import type { Accumulator, Suite, SuiteOptions } from "../suite/suite.ts";
import { type Table, TableError, tableRows } from "../table/index.ts";
import { AnswerCounts, classTexts } from "../views/index.ts";
import { reportClasses } from "./class-report.ts";
import { reportGroups } from "./group-report.ts";
import { type Decided, GroupTally } from "./group-tally.ts";
import { checkSizes, groupsIn } from "./groups.ts";
import { type DebiasingMethod, debiasingMethods } from "./mitigation.ts";
import { reportMitigation } from "./mitigation-report.ts";

/** How the fairness suite measures. */
export interface FairnessSuiteOptions {
  /**
   * Columns whose groups are compared, each by itself: a list, or names with commas between them; `group` by default. `sex*race` stands for the
   * combinations of both.
   */
  readonly attributes?: string | readonly string[];
  /**
   * The class that selection is about. Of two classes 1 by default; of more, every class in turn, and differences are those of the class
   * where they are largest. Of more, if it is given, the question is this class or any other: decided yes where it has more than half of the
   * probability, which the most probable class need not have.
   */
  readonly positive?: number;
  /** What the scores are; by default as their first row looks. */
  readonly scores?: ScoreKind;
  /** Bins of calibration errors; 15 by default. */
  readonly bins?: number;
  /** Smaller groups are an error; 2 by default. */
  readonly minimumCases?: number;
  /** How thresholds of equal rates are found: `exact` (the default), or `stochastic` as in the paper. */
  readonly method?: DebiasingMethod;
}

/**
 * Group fairness: how decisions, accuracy and calibration differ between groups, and what it costs to make them equal.
 */
export function fairnessSuite(options: FairnessSuiteOptions = {}): Suite {
  const { attributes: given = ["group"] } = options;
  const attributes = (typeof given === "string" ? given.split(",") : given).map((name) => name.trim());
  if (options.method !== undefined && !debiasingMethods.includes(options.method)) {
    throw new RangeError(`fairness.method is ${JSON.stringify(options.method)}; it must be "exact" or "stochastic"`);
  }
  if (attributes.join("") === "") throw new RangeError("no attributes to compare groups by; name at least one column");
  return {
    name: "fairness",
    measures: "how decisions, accuracy and calibration differ between groups, and what equality costs",
    needs: {
      label: labelNeed,
      scores: scoresNeed,
      ...Object.fromEntries(
        attributes.flatMap(factors).map((column) => [column, "group of each row: a text or a number"]),
      ),
    },
    run: (predictions, suiteOptions) => inOnePart(predictions, accumulateFairness(attributes, options, suiteOptions)),
    accumulate: (suiteOptions) => accumulateFairness(attributes, options, suiteOptions),
  };
}

/** Groups are counted over all rows; debiasing is fitted to, and measured on, a sample that holds all of them while they are few. */
function accumulateFairness(
  attributes: readonly string[],
  { positive, scores, bins = 15, minimumCases = 2, method = "exact" }: FairnessSuiteOptions,
  { seed = 0 }: SuiteOptions = {},
): Accumulator {
  const binning = equalWidth(bins);
  const sample = new RowSample(["label", "scores", "class", ...attributes.flatMap(factors)], seed);
  let [tallies, answers, known, name, positives, classes]: [
    GroupTally[]?,
    AnswerCounts?,
    ScoreKind?,
    string?,
    (readonly number[])?,
    number?,
  ] = [];
  return {
    add(part) {
      const groupings = attributes.map((attribute) => groupsIn(part, factors(attribute)));
      const { probabilities, labels, kind } = probabilitiesOf(part, known ?? scores);
      const decided = decide(probabilities, labels, positive, part.name);
      if (part.length > 0) known = kind;
      ({ name } = part);
      ({ positives } = decided);
      classes = probabilities.width;
      tallies ??= attributes.map(() => new GroupTally(decided.probabilities.width, binning));
      answers ??= new AnswerCounts(probabilities.width);
      for (const [i, tally] of tallies.entries()) tally.add(decided, groupings[i]!);
      answers.add(labels, mostProbable(probabilities), classTexts(part));
      sample.add(part);
    },
    result() {
      if (tallies === undefined) throw new TableError("table", "has no parts; give at least one");
      const [first] = tallies;
      const parts = attributes.flatMap((attribute, i) => {
        const { groups } = tallies![i]!;
        checkSizes(attribute, groups, minimumCases, name!);
        const decidedOf = ({ probabilities, labels }: Pick<ScoredLabels, "probabilities" | "labels">) =>
          decide(probabilities, labels, positive, name!);
        return [
          { ...reportGroups(tallies![i]!, attribute, positives!), plots: [] },
          reportCosts(sample, attribute, (table) => decidedOf(probabilitiesOf(table, known)), {
            binning,
            method,
            seed,
          }),
        ];
      });
      const [right, cases] = first!.groups.reduce(
        ([right, cases], group) => [right + group.right, cases + group.cases],
        [0, 0],
      );
      return {
        metrics: Object.assign({ accuracy: wilsonInterval(right, cases) }, ...parts.map(({ metrics }) => metrics)),
        tables: parts.flatMap(({ tables }) => tables),
        plots: parts.flatMap(({ plots }) => plots),
        views: [...parts.flatMap(({ views }) => views), answers!.view("Answers to each class")],
        notes: [
          ...parts.flatMap(({ notes }) => notes),
          ...oneAgainstAll(positive, classes!),
          ...takenFor(known, scores),
        ],
      };
    },
  };
}

/** Of several classes, a note on what is decided of the positive one. */
function oneAgainstAll(positive: number | undefined, classes: number): string[] {
  if (positive === undefined || classes === 2) return [];
  return [
    `The question is class ${positive} or any other: decided yes where it has more than half of the probability, though it may be the most probable with less. Accuracy, too, is of this question.`,
  ];
}

/** The columns that an attribute is made of. */
const factors = (attribute: string) => attribute.split("*").map((name) => name.trim());

/** Decisions for the most probable class; with a positive class among several, that class against all others. */
function decide(
  probabilities: RowVectors,
  labels: ArrayLike<number>,
  positive: number | undefined,
  name: string,
): Decided {
  const { width } = probabilities;
  if (positive !== undefined && !(Number.isInteger(positive) && positive >= 0 && positive < width)) {
    throw new TableError(name, `positive class ${positive} is none of its ${width} classes, numbered from 0`);
  }
  if (positive === undefined && width > 2) {
    return { probabilities, decisions: mostProbable(probabilities), labels, positives: [...Array(width).keys()] };
  }
  const index = positive ?? 1;
  const binary = width === 2 && index === 1 ? probabilities : binaryProbabilities(classScores(probabilities, index));
  const isPositive = Uint8Array.from(labels, (label) => (label === index ? 1 : 0));
  return { probabilities: binary, decisions: mostProbable(binary), labels: isPositive, positives: [1] };
}

/** What equality costs: of a question of yes and no in many ways, of several classes by one. */
function reportCosts(
  sample: RowSample,
  attribute: string,
  decidedIn: (table: Table) => Decided,
  { binning, method, seed }: { readonly binning: Binning; readonly method: DebiasingMethod; readonly seed: number },
) {
  const { table, left } = withoutSmallGroups(sample.table, attribute);
  const groups = groupsIn(table, factors(attribute));
  const decided = decidedIn(table);
  const { probabilities, labels, positives } = decided;
  const question = () => ({
    probabilities: Float64Array.from(classScores(probabilities, 1)),
    labels: Uint8Array.from(labels),
    groups,
  });
  const report =
    groups.names.length < 2
      ? { metrics: {}, tables: [], plots: [], views: [], notes: [] }
      : positives.length === 1
        ? reportMitigation(question(), binning, { method, seed })
        : reportClasses(decided, groups, binning);
  const notes = [
    ...report.notes,
    ...(sample.isWhole
      ? []
      : [
          `By ${attribute}, debiasing was fitted to, and measured on, a random sample of ${table.length} of the ${sample.rows} rows; all else on all.`,
        ]),
    ...(left === 0 ? [] : [`By ${attribute}, debiasing leaves out groups of one row: ${left}.`]),
  ];
  return { ...report, notes };
}

/** Rows of groups with at least two, of which one can be fitted to and the other measured on. */
function withoutSmallGroups(table: Table, attribute: string): { table: Table; left: number } {
  const { of, names } = groupsIn(table, factors(attribute));
  const sizes = new Int32Array(names.length);
  for (const group of of) sizes[group]!++;
  const left = sizes.filter((size) => size < 2).length;
  if (left === 0) return { table, left };
  const rows = Int32Array.from(of.keys()).filter((row) => sizes[of[row]!]! >= 2);
  return { table: tableRows(table, rows), left };
}
