import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeCsv } from "../table/write-csv.ts";
import type { RowsFile } from "./suite.ts";

/**
 * Writes the files of a result that other programs read below a folder, each as a whole.
 *
 * @returns their paths
 */
export async function writeRowsFiles(folder: string, files: readonly RowsFile[]): Promise<string[]> {
  const paths: string[] = [];
  for (const { path, rows } of files) {
    const whole = join(folder, path);
    await mkdir(dirname(whole), { recursive: true });
    await writeCsv(whole, [rows]);
    paths.push(whole);
  }
  return paths;
}
