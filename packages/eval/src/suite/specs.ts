import { didYouMean } from "@vitscale/core";
import { type DetectionSuiteOptions, detectionSuite } from "../calibration/detection-suite.ts";
import { type CalibrationSuiteOptions, calibrationSuite } from "../calibration/suite.ts";
import type { PredictCorruptedOptions } from "../corruptions/predict-corrupted.ts";
import { type CorruptionSuiteOptions, corruptionSuite } from "../corruptions/suite.ts";
import { type FairnessSuiteOptions, fairnessSuite } from "../fairness/suite.ts";
import type { FewShotOptions } from "../features/few-shot.ts";
import type { KnnOptions } from "../features/knn.ts";
import { retrievalSuite, zeroShotSuite } from "../features/pair-suites.ts";
import { type ProbeSuiteOptions, probeSuite } from "../features/probe-suite.ts";
import type { RetrievalOptions } from "../features/retrieval.ts";
import { fewShotSuite, knnSuite } from "../features/suites.ts";
import { ownCategories, ownCategoriesMap } from "../human/category-map.ts";
import { readAnswersFolder } from "../human/read-answers.ts";
import { type HumanSuiteOptions, humanSuite } from "../human/suite.ts";
import { type OodFiles, oodSuiteFromFiles, readLabelMap } from "../ood/from-files.ts";
import type { Suite } from "./suite.ts";

/** Options of suites as plain data: what a configuration or a command line can say. Files stand by their paths. */
export interface SuiteOptionsByName {
  readonly calibration: CalibrationSuiteOptions;
  /** Which corrupted images whoever makes the predictions shall make; the suite measures those that there are. */
  readonly corruptions: CorruptionSuiteOptions & Omit<PredictCorruptedOptions, "overlays" | "workers" | "modelClasses">;
  readonly detection: DetectionSuiteOptions;
  readonly fairness: FairnessSuiteOptions;
  readonly fewshot: Omit<FewShotOptions, "engine">;
  /** `answers` is a folder as `readAnswersFolder` reads it, `map` a file as `readLabelMap` does, or `sixteen` where the model's classes are the categories. */
  readonly human: Omit<HumanSuiteOptions, "answers" | "map"> & { readonly answers?: string; readonly map?: string };
  readonly knn: Omit<KnnOptions, "engine">;
  readonly ood: OodFiles;
  readonly probe: WithoutEngine<ProbeSuiteOptions>;
  readonly retrieval: Omit<RetrievalOptions, "engine">;
  readonly zeroshot: Record<never, never>;
}

/** Of each method's options. */
type KeyOf<Options> = Options extends unknown ? keyof Options : never;
type WithoutEngine<Options> = Options extends unknown ? Omit<Options, "engine"> : never;

/** Names of the suites. */
export type SuiteName = keyof SuiteOptionsByName;

/** A suite as plain data: its name, or its name with options, such as `{ suite: "calibration", bins: 30 }`. */
export type SuiteSpec =
  | SuiteName
  | { [Name in SuiteName]: { readonly suite: Name } & SuiteOptionsByName[Name] }[SuiteName];

const makers: { readonly [Name in SuiteName]: (options: SuiteOptionsByName[Name]) => Suite | Promise<Suite> } = {
  calibration: calibrationSuite,
  corruptions: ({ scores }) => corruptionSuite(scores && { scores }),
  detection: detectionSuite,
  fairness: fairnessSuite,
  fewshot: fewShotSuite,
  human: async ({ answers, map, ...options }) =>
    humanSuite({
      ...options,
      ...(map !== undefined && { map: map === ownCategories ? ownCategoriesMap : await readLabelMap(map) }),
      ...(answers !== undefined && { answers: await readAnswersFolder(answers) }),
    }),
  knn: knnSuite,
  ood: oodSuiteFromFiles,
  probe: probeSuite,
  retrieval: retrievalSuite,
  zeroshot: () => zeroShotSuite,
};

/** The options of each suite, to tell a misspelt one. */
const optionNames: { readonly [Name in SuiteName]: readonly KeyOf<SuiteOptionsByName[Name]>[] } = {
  calibration: ["scores", "bins"],
  corruptions: ["scores", "corruptions", "severities", "scale"],
  detection: ["scores", "ridge"],
  fairness: ["attributes", "positive", "scores", "bins", "minimumCases", "method"],
  fewshot: ["shots", "l2", "seeds"],
  human: ["scores", "model", "dataset", "map", "answers"],
  knn: ["neighbours", "temperature"],
  ood: ["scores", "dataset", "map", "real"],
  probe: [
    "method",
    "seed",
    "l2",
    "heldOut",
    "tolerance",
    "maxIterations",
    "memory",
    "epochs",
    "batchSize",
    "learningRate",
    "momentum",
  ],
  retrieval: ["at"],
  zeroshot: [],
};

/** Names of the suites, in alphabetical order. */
export const suiteNames = Object.keys(makers).sort() as SuiteName[];

/**
 * The suite that a specification describes.
 *
 * @throws RangeError for an unknown suite or option, naming the nearest; and what reading its files throws.
 */
export async function makeSuite(spec: SuiteSpec): Promise<Suite> {
  const { suite: name, ...options } = typeof spec === "string" ? { suite: spec } : spec;
  if (!Object.hasOwn(makers, name)) {
    throw new RangeError(
      `there is no suite "${name}"${didYouMean(name, suiteNames)}; there are ${suiteNames.join(", ")}`,
    );
  }
  checkOptions(name, options);
  return (makers[name] as (options: object) => Suite | Promise<Suite>)(options);
}

/**
 * The specification of a suite for what our own models say, which is logits: suites that would tell them from probabilities by the first row
 * need not guess.
 */
export function forLogits(spec: SuiteSpec): SuiteSpec {
  const given = typeof spec === "string" ? ({ suite: spec } as SuiteSpec & object) : spec;
  const known: readonly string[] = Object.hasOwn(optionNames, given.suite) ? optionNames[given.suite] : [];
  return known.includes("scores") ? ({ scores: "logits", ...given } as SuiteSpec) : given;
}

function checkOptions(suite: SuiteName, options: Readonly<Record<string, unknown>>): void {
  const known: readonly string[] = optionNames[suite];
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const there = known.length > 0 ? `; it has ${known.join(", ")}` : "; it has none";
    throw new RangeError(`the suite ${suite} has no option "${name}"${didYouMean(name, known)}${there}`);
  }
  const kinds = ["probabilities", "logits"];
  if (options.scores !== undefined && !kinds.includes(options.scores as string)) {
    throw new RangeError(
      `${suite}.scores is ${JSON.stringify(options.scores)}; it must be "probabilities" or "logits"${didYouMean(String(options.scores), kinds)}`,
    );
  }
}
