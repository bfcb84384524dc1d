import { GroupCounts } from "./group-counts.ts";
import type { Groups } from "./groups.ts";

/**
 * What was decided of each class in each group, where every class in turn is the positive one: [classes] of counts.
 *
 * @param decisions [rows] classes
 * @param labels [rows] classes
 */
export function countByClass(
  decisions: ArrayLike<number>,
  labels: ArrayLike<number>,
  { names, of }: Groups,
  classes: number,
  weights?: Int32Array,
): GroupCounts[] {
  const counts = Array.from({ length: classes }, () => new GroupCounts(names));
  const cases = new Float64Array(names.length);
  for (let row = 0; row < of.length; row++) {
    const group = of[row]!;
    const weight = weights === undefined ? 1 : weights[row]!;
    const [decision, label] = [decisions[row]!, labels[row]!];
    cases[group]! += weight;
    counts[decision]!.selected[group]! += weight;
    counts[label]!.positives[group]! += weight;
    if (decision === label) counts[label]!.hits[group]! += weight;
  }
  for (const count of counts) count.cases.set(cases);
  return counts;
}
