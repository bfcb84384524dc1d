import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writing } from "../file-errors.ts";
import { makeFolder } from "../make-folder.ts";
import type { OnDamage } from "../runs/rows.ts";
import { metricsCsv } from "./csv.ts";
import { metricsParquet } from "./parquet.ts";
import { tensorBoardFile, tensorBoardFileName } from "./tensorboard.ts";

/** Formats that a run is exported to as a file, and what makes each: its name, and its content. */
const formats = {
  csv: { nameOf: () => "metrics.csv", contentOf: metricsCsv },
  parquet: { nameOf: () => "metrics.parquet", contentOf: metricsParquet },
  tensorboard: {
    nameOf: (folder: string) => join("tensorboard", tensorBoardFileName(folder)),
    contentOf: tensorBoardFile,
  },
} as const;

/** A format of files that runs are exported to. */
export type ExportFormat = keyof typeof formats;

/** Names of the formats. */
export const exportFormats = Object.keys(formats) as readonly ExportFormat[];

/**
 * Writes a run in another format, in the place of an earlier export.
 *
 * @param out folder for the file; the run's own by default
 * @param onDamage is told of what is damaged in the run, and is passed over
 * @returns path of the file
 * @throws Error naming the file, and why it cannot be written; or what is damaged, where nobody is told of it.
 */
export function exportRun(folder: string, format: ExportFormat, out: string = folder, onDamage?: OnDamage): string {
  const { nameOf, contentOf } = formats[format];
  const name = nameOf(folder);
  const path = join(out, name);
  const content = contentOf(folder, onDamage);
  writing(path, () => {
    makeFolder(dirname(path));
    writeFileSync(path, content);
  });
  return path;
}
