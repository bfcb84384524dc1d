import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the list shows of one run folder. */
export interface RunSummary {
  readonly name: string;
  readonly status: string;
  readonly step: number;
  readonly steps: number;
  /** ISO 8601, UTC; empty when unknown. */
  readonly updated: string;
  readonly summary: Readonly<Record<string, number>>;
  /** Why the record cannot be read, where it cannot. */
  readonly problem?: string;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const asNumber = (value: unknown) => (typeof value === "number" ? value : 0);
const asText = (value: unknown) => (typeof value === "string" ? value : "");

function readRun(folder: string, name: string): RunSummary {
  const empty = { name, status: "unreadable", step: 0, steps: 0, updated: "", summary: {} };
  try {
    const info: unknown = JSON.parse(readFileSync(join(folder, name, "run.json"), "utf8"));
    if (!isRecord(info)) return { ...empty, problem: "run.json holds no object" };
    const metrics = isRecord(info.summary) ? Object.entries(info.summary) : [];
    return {
      name,
      status: asText(info.status),
      step: asNumber(info.step),
      steps: asNumber(info.steps),
      updated: asText(info.updated),
      summary: Object.fromEntries(metrics.filter((entry): entry is [string, number] => typeof entry[1] === "number")),
    };
  } catch (error) {
    return { ...empty, problem: (error as Error).message };
  }
}

/** The runs in a folder, last updated first. A folder without `run.json` is no run; a damaged one is listed as such. */
export function listRuns(folder: string): RunSummary[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  return names
    .filter((name) => readdirSync(join(folder, name)).includes("run.json"))
    .map((name) => readRun(folder, name))
    .sort((a, b) => b.updated.localeCompare(a.updated));
}
