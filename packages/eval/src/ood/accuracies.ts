import { counted } from "../counted.ts";
import type { Estimate } from "../statistics/index.ts";
import type { Table } from "../table/index.ts";
import { type AcceptedClasses, acceptedAccuracy, acceptLabels, undecidedImages } from "./accepted.ts";
import type { DecisionLists } from "./decision-lists.ts";
import type { Decisions } from "./decisions.ts";
import { labelsOf } from "./labels.ts";

/** Accuracies on the images of one data set, and what their reader must know. */
export interface Accuracies {
  readonly metrics: Readonly<Record<string, Estimate>>;
  /** Which of them are lower bounds: lists of the best classes may end before they tell. */
  readonly notes: readonly string[];
}

/**
 * Accuracy within the first and the first five decisions among the classes of the data set, where it has fewer than the model among all, and on
 * the images of each subset's classes among those.
 */
export function accuraciesOf(table: Table, list: DecisionLists, accepted: AcceptedClasses): Accuracies {
  const { dataset, rows, among, amongAll, subsets } = list;
  const metrics: Record<string, Estimate> = {};
  const notes: string[] = [];
  const measure = (name: string, decisions: Decisions, right: AcceptedClasses, k: number) => {
    const accuracy = acceptedAccuracy(decisions, right, k);
    metrics[name] = accuracy;
    const open = undecidedImages(decisions, right, k);
    if (open === 0) return;
    const most = Number((accuracy.value + open / accuracy.count).toPrecision(4));
    notes.push(
      `${name} is a lower bound, of at most ${most}: the lists of ${counted(open, "image")} end before ${k === 1 ? "the first" : `${k}`} of its classes.`,
    );
  };
  measure(`${dataset.name}/top1`, among, accepted, 1);
  if (among.k === 5) measure(`${dataset.name}/top5`, among, accepted, 5);
  if (amongAll !== undefined) measure(`${dataset.name}/top1-all-classes`, amongAll, accepted, 1);
  if (subsets.length === 0) return { metrics, notes };
  const labels = labelsOf(table, rows, dataset);
  for (const [i, decisions] of list.amongSubsets.entries()) {
    const { map, name } = subsets[i]!;
    const sources = map.sources.flat();
    const own = labels.map((label) => sources.indexOf(label));
    measure(`${name}-clean/top1`, decisions, acceptLabels(own, map), 1);
  }
  return { metrics, notes };
}
