import { join, posix } from "node:path";
import type { ReportFile } from "../shared/api.ts";
import { isObject, text } from "../shared/json.ts";
import { readText, reasonOf } from "./inside.ts";

const largestReport = 64 << 20;

/** Those of some files `reports/*.json` that are reports of the benchmark, newest first. */
export async function listReports(root: string, paths: readonly string[]): Promise<ReportFile[]> {
  const reports = await Promise.all(
    paths.map(async (path): Promise<ReportFile[]> => {
      try {
        const report = await readReport(root, path);
        if (!isObject(report) || !Array.isArray(report.claims)) return [];
        const { started, scale, status } = report;
        return [{ path, runs: runsFolder(path), started: text(started), scale: text(scale), status: text(status) }];
      } catch {
        return [{ path, runs: runsFolder(path), started: "", scale: "", status: "unreadable" }];
      }
    }),
  );
  return reports.flat().sort((a, b) => b.started.localeCompare(a.started));
}

/** A report as its file has it. @param path one of those that the catalogue found. @throws Error when it cannot be read */
export async function readReport(root: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(await readText(join(root, path), largestReport));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${reasonOf(error)}`);
  }
}

/** The run records of `bench/reports/2026-11-22.json` are in `bench/runs`. */
const runsFolder = (path: string) => posix.join(posix.dirname(path), "..", "runs");
