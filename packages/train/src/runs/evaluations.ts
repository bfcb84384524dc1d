import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Metrics, stepOfFileName } from "./info.ts";

/** What a file in `evals/` holds. */
interface Evaluation {
  readonly name: string;
  readonly step: number;
  readonly metrics: Metrics;
}

/**
 * The last value of every metric of the evaluations in a folder, by its full name.
 *
 * @throws Error when a file is damaged.
 */
export function lastEvaluations(folder: string): Metrics {
  const files = readdirSync(folder).filter((file) => file.endsWith(".json") && stepOfFileName(file) !== undefined);
  const contents = files.map((file) => readEvaluation(join(folder, file)));
  // Suites leave files of other shapes beside their metrics.
  const evaluations = contents.filter((content): content is Evaluation => content?.metrics !== undefined);
  evaluations.sort((a, b) => a.step - b.step);
  return Object.assign({}, ...evaluations.map(({ name, metrics }) => underName(name, metrics)));
}

function readEvaluation(path: string): Partial<Evaluation> | null {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(
      `${path} is damaged: ${(error as Error).message}; remove it (metrics.jsonl has its numbers too, and vitscale eval makes it anew)`,
      { cause: error },
    );
  }
}

/** Metrics of an evaluation by their full names: `validation/top1`. */
export function underName(name: string, metrics: Metrics): Metrics {
  return Object.fromEntries(Object.entries(metrics).map(([key, value]) => [`${name}/${key}`, Number(value)]));
}
