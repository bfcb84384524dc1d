import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Machine, SourceState } from "@vitscale/train";
import { writeAtomically } from "@vitscale/train";
import type { Scale } from "../claim.ts";
import type { ClaimReport } from "./claim-report.ts";
import { reportMarkdown } from "./markdown.ts";

/** All that a run of claims found, with what it was found on: the JSON beside the Markdown. */
export interface Report {
  readonly schema: 1;
  /** `partial` until the last claim has run: an interrupted run leaves it so. */
  readonly status: "complete" | "partial";
  readonly scale: Scale;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly updated: string;
  /** The command that makes such a report. */
  readonly command: string;
  readonly machine: Machine;
  readonly source: SourceState | null;
  /** The engine and why it was chosen. */
  readonly engine: string;
  /** Versions of what computes, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Mean number of processes that wanted a core in the last minute, at the beginning and now. */
  readonly load: { readonly before: number; readonly after: number };
  /** Names of claims that were chosen and have not run yet. */
  readonly missing: readonly string[];
  readonly claims: readonly ClaimReport[];
}

/** Paths of the report of a run, named by when it began so that no later one replaces it: its Markdown and its JSON. */
export function reportPaths(out: string, started: string): { markdown: string; json: string } {
  const base = join(out, "reports", started.slice(0, 19).replace("T", "-").replaceAll(":", ""));
  return { markdown: `${base}.md`, json: `${base}.json` };
}

/** Writes both forms of a report; a reader never sees half of one. @returns the paths */
export function writeReport(out: string, report: Report): { markdown: string; json: string } {
  const paths = reportPaths(out, report.started);
  mkdirSync(join(out, "reports"), { recursive: true });
  writeAtomically(paths.json, `${JSON.stringify(report, null, 2)}\n`);
  writeAtomically(paths.markdown, reportMarkdown(report));
  return paths;
}
