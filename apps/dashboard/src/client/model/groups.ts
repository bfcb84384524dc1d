import type { RunSummary } from "../../shared/api.ts";
import { cell, columnTitle } from "./columns.ts";
import { formatCell } from "./format.ts";

/** Runs that belong together. */
export interface Group {
  readonly name: string;
  readonly runs: readonly RunSummary[];
}

/**
 * Runs joined by a column, or by `seed`: those whose configurations differ in nothing but the seed and the name. The groups are in the
 * order of their first runs.
 */
export function groupRuns(runs: readonly RunSummary[], by: string): Group[] {
  if (by === "") return [];
  const groups = new Map<string, RunSummary[]>();
  for (const run of runs) {
    const key = by === "seed" ? seedlessKey(run) : `${formatCell(by, cell(run, by))}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  const named = Array.from(groups, ([key, members]) => ({
    name: by === "seed" ? seedlessName(members) : `${columnTitle(by)} ${key}`,
    runs: members,
  }));
  return distinct(named);
}

const isSeedKey = (key: string) => key === "seed" || key === "name" || key.endsWith(".seed");

function seedlessKey({ config, group }: RunSummary): string {
  const entries = Object.entries(config).filter(([key]) => !isSeedKey(key));
  return JSON.stringify([group, entries.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** What the names of the members share, without a word for the seed that ends it. */
function seedlessName(members: readonly RunSummary[]): string {
  const [first = "", ...others] = members.map(({ name }) => name);
  let shared = first;
  for (const other of others) while (!other.startsWith(shared)) shared = shared.slice(0, -1);
  const seed = others.length > 0 ? /[\s._-]*(seed)?[\s._=-]*\d*$/i : /[\s._-]*seed[\s._=-]*\d+$/i;
  const trimmed = shared.replace(seed, "");
  return trimmed === "" ? first : trimmed;
}

/** Groups of one name are told apart by their sweeps, and by numbers where these are one too. */
function distinct(groups: readonly Group[]): Group[] {
  const isTaken = (name: string) => groups.filter((group) => group.name === name).length > 1;
  const seen = new Map<string, number>();
  return groups.map(({ name, runs }) => {
    const sweep = runs[0]?.group ?? "";
    const full = isTaken(name) && sweep !== "" ? `${sweep}: ${name}` : name;
    const count = (seen.get(full) ?? 0) + 1;
    seen.set(full, count);
    return { name: count === 1 ? full : `${full} #${count}`, runs };
  });
}
