import { statSync } from "node:fs";
import { didYouMeanOneOf } from "@vitscale/core";
import { UsageError } from "./usage-error.ts";

/** What claims read beside images of their own, by the NAME of `--data NAME=DIR`: what the folder holds. */
export const dataPlaces = {
  cifar10: "data_batch_1.bin … test_batch.bin, or *train*.parquet and *test*.parquet: for few-shot and scaling",
  "model-vs-human": "bethgelab/model-vs-human, with its raw-data",
  mvh: "the same, with its raw-data called raw",
  "imagenet-preds": "val-MODEL-top5.uint16.npy.gz, labels, real.json",
  labels: "imagenet-real.json.gz",
  "imagenet-testbed": "robustness_top1s.csv of modestyachts/imagenet-testbed",
  tables: "imagenet-testbed-robustness_top1s.csv.gz",
} as const;

/**
 * Reads `NAME=DIR`.
 *
 * @throws UsageError for a name that no claim reads, naming the nearest, and for a folder that is not there
 */
export function namedFolder(text: string): readonly [name: string, folder: string] {
  const [name = "", ...rest] = text.split("=");
  const folder = rest.join("=");
  if (name === "" || folder === "") {
    throw new UsageError(
      `--data "${text}" names no folder; give --data NAME=DIR, --data model-vs-human=/data/mvh for instance`,
    );
  }
  const known = Object.keys(dataPlaces);
  if (!known.includes(name)) {
    throw new UsageError(`no claim reads data "${name}"${didYouMeanOneOf(name, "names", known)}`);
  }
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(`--data ${text}: there is no folder "${folder}"; give the one that holds ${name}`);
  }
  return [name, folder];
}
