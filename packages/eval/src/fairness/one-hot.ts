import type { RowVectors } from "../calibration/row-vectors.ts";

/** Decisions as distributions: 1 for the class that was decided for. [rows] → [rows, classes] */
export function oneHot(decisions: ArrayLike<number>, classes: number): RowVectors {
  const data = new Float32Array(decisions.length * classes);
  for (let row = 0; row < decisions.length; row++) data[row * classes + decisions[row]!] = 1;
  return { width: classes, data };
}
