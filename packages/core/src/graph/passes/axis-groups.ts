/** Axes of a shape that a reshape turns into axes of another: the products of their sizes are equal. */
export interface AxisGroup {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/**
 * How a reshape maps axes, cut as finely as the sizes allow: `[8, 197, 384] → [1576, 384]` is {0, 1 → 0} and {2 → 1}.
 * Axes of size 1 join the group before them (or the first). Empty tensors have no such mapping: `undefined`.
 */
export function axisGroups(from: readonly number[], to: readonly number[]): readonly AxisGroup[] | undefined {
  if (from.includes(0)) return undefined;
  const groups: { from: number[]; to: number[] }[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const group: { from: number[]; to: number[] } = { from: [], to: [] };
    let [left, right] = [1, 1];
    do {
      // The shorter side grows until both sides are equal and hold something that is not 1.
      if (left <= right && i < from.length) {
        left *= from[i] as number;
        group.from.push(i++);
      } else if (j < to.length) {
        right *= to[j] as number;
        group.to.push(j++);
      } else {
        left *= from[i] as number;
        group.from.push(i++);
      }
    } while (left !== right || (left === 1 && (i < from.length || j < to.length)));
    while (from[i] === 1) group.from.push(i++);
    while (to[j] === 1) group.to.push(j++);
    const last = groups.at(-1);
    if (left === 1 && last) {
      last.from.push(...group.from);
      last.to.push(...group.to);
    } else groups.push(group);
  }
  return groups;
}
