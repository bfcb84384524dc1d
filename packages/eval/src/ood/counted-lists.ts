import type { Table } from "../table/index.ts";
import { ownClasses } from "./datasets.ts";
import { DecisionLists } from "./decision-lists.ts";
import { labelsOf } from "./labels.ts";

/**
 * Lists of the best classes that were read as ImageNet's because nothing names their data set: they remain so if ImageNet's last class occurs, else
 * they are of the model's own classes, as many as their largest number says. Accuracy is the same; there is none on subsets of ImageNet.
 *
 * @returns also a note on what they were taken for
 */
export function countedLists(
  table: Table,
  lists: readonly DecisionLists[],
): { lists: readonly DecisionLists[]; notes: readonly string[] } {
  let classes = 0;
  for (const { rows, dataset, among } of lists) {
    for (const value of among.classes) classes = Math.max(classes, value + 1);
    for (const label of labelsOf(table, rows, dataset)) classes = Math.max(classes, label + 1);
  }
  if (classes === 0 || classes === 1000) return { lists, notes: [] };
  const own = lists.map(({ rows, among }) => {
    const list = new DecisionLists(ownClasses(classes), []);
    list.add(rows, () => among);
    return list;
  });
  const note = `Lists of the best classes do not say how many there are; these reach up to ${classes - 1} and were taken for the model's own. If they are ImageNet's, name the data set (ood.dataset, imagenet).`;
  return { lists: own, notes: [note] };
}
