import { type Binning, equalWidth } from "../calibration/bins.ts";
import { accuracyOf, mostProbable, topOutcomes } from "../calibration/outcomes.ts";
import { labelNeed, predictionsOf, scoresNeed } from "../calibration/predictions-of.ts";
import { binaryProbabilities, classScores, type ScoreKind } from "../calibration/probabilities.ts";
import type { RowVectors } from "../calibration/row-vectors.ts";
import type { Suite, SuiteOptions, SuiteResult } from "../suite/suite.ts";
import { type Table, TableError } from "../table/index.ts";
import { classNames, confusionView } from "../views/index.ts";
import { reportClasses } from "./class-report.ts";
import { reportGroups } from "./group-report.ts";
import { type Decided, GroupTally } from "./group-tally.ts";
import { type Groups, groupsOf } from "./groups.ts";
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
   * where they are largest.
   */
  readonly positive?: number;
  /** What the scores are; by default as their first row looks. */
  readonly scores?: ScoreKind;
  /** Bins of calibration errors; 15 by default. */
  readonly bins?: number;
  /** Smaller groups are an error; 2 by default. */
  readonly minimumCases?: number;
}

/**
 * Group fairness: how decisions, accuracy and calibration differ between groups, and what it costs to make them equal.
 */
export function fairnessSuite(options: FairnessSuiteOptions = {}): Suite {
  const { attributes: given = ["group"] } = options;
  const attributes = (typeof given === "string" ? given.split(",") : given).map((name) => name.trim());
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
    run: (predictions, suiteOptions) => runFairness(predictions, attributes, options, suiteOptions),
  };
}

function runFairness(
  table: Table,
  attributes: readonly string[],
  { positive, scores, bins = 15, minimumCases = 2 }: FairnessSuiteOptions,
  options: SuiteOptions = {},
): SuiteResult {
  const groupings = attributes.map((attribute) => groupsOf(table, factors(attribute), { minimumCases }));
  const { probabilities, labels } = predictionsOf(table, scores);
  const decided = decide(probabilities, labels, positive, table.name);
  const accuracy = accuracyOf(topOutcomes(decided.probabilities, decided.labels));
  const binning = equalWidth(bins);
  const classes = decided.probabilities.width;
  const confusion = confusionView({
    title: "Answers to each class",
    classes: classNames(table, labels, probabilities.width),
    truths: labels,
    answers: mostProbable(probabilities),
  });
  const parts = groupings.flatMap((groups) => [
    {
      ...reportGroups(new GroupTally(classes, binning).add(decided, groups), groups.attribute, decided.positives),
      plots: [],
    },
    reportCosts(decided, groups, binning, options),
  ]);
  return {
    metrics: Object.assign({ accuracy }, ...parts.map(({ metrics }) => metrics)),
    tables: parts.flatMap(({ tables }) => tables),
    plots: parts.flatMap(({ plots }) => plots),
    views: [...parts.flatMap(({ views }) => views), confusion],
    notes: parts.flatMap(({ notes }) => notes),
  };
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
function reportCosts(decided: Decided, groups: Groups, binning: Binning, options: SuiteOptions) {
  const { probabilities, labels, positives } = decided;
  if (positives.length !== 1) return reportClasses(decided, groups, binning);
  const question = {
    probabilities: Float64Array.from(classScores(probabilities, 1)),
    labels: Uint8Array.from(labels),
    groups,
  };
  return reportMitigation(question, binning, options);
}
