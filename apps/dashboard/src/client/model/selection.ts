import { computed } from "@preact/signals";
import type { RunSummary } from "../../shared/api.ts";
import { address, field, go } from "./address.ts";
import { cell, compareCells, sortRuns } from "./columns.ts";
import { parseFilter } from "./filter.ts";
import { type Group, groupRuns } from "./groups.ts";
import { runs } from "./server.ts";

/** Without a choice, charts show this many runs of the list. */
const firstRuns = 8;

const filter = field("filter");
const sort = field("sort");
const chosen = field("runs");
const groupBy = field("group");
const colorBy = field("color");

/** Runs that pass the filter, in the order of the table. */
export const listed = computed<readonly RunSummary[]>(() => {
  const test = parseFilter(filter.value);
  return sortRuns(Array.from(runs.value.values()).filter(test), sort.value);
});

/** Runs that charts show: the chosen ones, or the first of the list. */
export const shown = computed<readonly RunSummary[]>(() => {
  if (chosen.value.length === 0)
    return listed.value.filter(({ status }) => status !== "unreadable").slice(0, firstRuns);
  return chosen.value.flatMap((id) => runs.value.get(id) ?? []);
});

/** Chosen runs that the folder does not have, or no longer. */
export const absent = computed<readonly string[]>(() => chosen.value.filter((id) => !runs.value.has(id)));

/** Groups of the shown runs; none where nothing joins them. */
export const groups = computed<readonly Group[]>(() => groupRuns(shown.value, groupBy.value));

/** The run that a view of one run shows: the one of the address, if the folder has it; where it names none, the first that is shown. */
export const focused = computed<RunSummary | undefined>(() => {
  const { run } = address.value;
  return run === "" ? shown.value[0] : runs.value.get(run);
});

/** Goes to the run before or after the one that a view of one run shows, around the ends. */
export function focusNext(by: 1 | -1): void {
  const list = shown.peek();
  const at = list.findIndex(({ id }) => id === focused.peek()?.id);
  // From a run that is not among them, on to the first or back to the last.
  const from = at >= 0 ? at : by > 0 ? -1 : 0;
  const next = list[(from + by + list.length) % list.length];
  if (next !== undefined) go({ run: next.id, step: null, detail: "" });
}

/** Chooses a run, or drops it from the choice. Without a choice, the runs that are shown become it first. */
export function toggleRun(id: string): void {
  const now = chosen.peek().length === 0 ? shown.peek().map(({ id }) => id) : chosen.peek();
  go({ runs: now.includes(id) ? now.filter((other) => other !== id) : [...now, id] });
}

/** Chooses no run: the first ones of the list are shown. */
export function clearChoice(): void {
  go({ runs: [], only: false });
}

/** Chooses runs, or drops them where all of them are chosen. */
export function chooseAll(runs: readonly RunSummary[]): void {
  const ids = runs.map(({ id }) => id);
  const others = address.value.runs.filter((id) => !ids.includes(id));
  const areChosen = ids.every((id) => address.value.runs.includes(id));
  go({ runs: areChosen ? others : [...others, ...ids] });
}

const paletteSize = 10;
/** Custom properties of style/tokens.css. */
const paletteColor = (index: number) => `var(--series-${index % paletteSize})`;

/** Colour of each shown run, and of each group by its name. */
export const colors = computed(() => {
  const byRun = new Map<string, string>();
  const byGroup = new Map<string, string>();
  const legend: { readonly label: string; readonly color: string }[] = [];
  if (colorBy.value !== "") {
    const values = new Map(shown.value.map((run) => [run.id, cell(run, colorBy.value)]));
    const distinct = [...new Set(values.values())].sort(compareCells);
    const isScale = distinct.length > 5 && distinct.every((value) => typeof value === "number");
    for (const [index, value] of distinct.entries()) {
      const color = isScale ? rampColor(index / (distinct.length - 1)) : paletteColor(index);
      legend.push({ label: value === undefined || value === null ? "none" : `${value}`, color });
      for (const [id, other] of values) if (other === value) byRun.set(id, color);
    }
  }
  for (const [index, { name, runs }] of groups.value.entries()) {
    byGroup.set(name, paletteColor(index));
    for (const { id } of runs) if (!byRun.has(id)) byRun.set(id, paletteColor(index));
  }
  for (const [index, { id }] of shown.value.entries()) if (!byRun.has(id)) byRun.set(id, paletteColor(index));
  return { byRun, byGroup, legend };
});

/** A colour of the sequential scale, from 0 to 1; the ends are left out, where it meets the background. */
const rampColor = (share: number) =>
  `color-mix(in oklch, var(--ramp-low), var(--ramp-high) ${Math.round(100 * share)}%)`;
