import type { Groups } from "./groups.ts";

/** Decisions between a positive and a negative class, beside the truth. */
export interface BinaryDecisions {
  /** [rows] chance of deciding for the positive class: 0 or 1, or between for randomised decisions */
  readonly decisions: ArrayLike<number>;
  /** [rows] 1 where the positive class is true, else 0 */
  readonly labels: ArrayLike<number>;
  readonly groups: Groups;
}

/**
 * What was decided in each group, in expectation: everything that group fairness of decisions needs. Rows can be added in any number of
 * parts, and counts of parts merged.
 */
export class GroupCounts {
  /** [groups] rows */
  readonly cases: Float64Array;
  /** [groups] rows whose label is positive */
  readonly positives: Float64Array;
  /** [groups] rows decided positive */
  readonly selected: Float64Array;
  /** [groups] rows decided positive whose label is */
  readonly hits: Float64Array;
  /** [groups] sums of squared chances, of all rows and of positive ones: how far chances scatter */
  readonly selectedSquares: Float64Array;
  readonly hitSquares: Float64Array;

  constructor(readonly names: readonly string[]) {
    const zeros = () => new Float64Array(names.length);
    [this.cases, this.positives, this.selected, this.hits] = [zeros(), zeros(), zeros(), zeros()];
    [this.selectedSquares, this.hitSquares] = [zeros(), zeros()];
  }

  /** Adds rows; `weights` [rows] say how often each counts. Returns itself. */
  add({ decisions, labels, groups: { of } }: BinaryDecisions, weights?: Int32Array): this {
    for (let row = 0; row < of.length; row++) {
      const group = of[row]!;
      const weight = weights === undefined ? 1 : weights[row]!;
      if (weight === 0) continue;
      const chance = decisions[row]!;
      this.cases[group]! += weight;
      this.selected[group]! += weight * chance;
      this.selectedSquares[group]! += weight * chance * chance;
      if (labels[row] !== 1) continue;
      this.positives[group]! += weight;
      this.hits[group]! += weight * chance;
      this.hitSquares[group]! += weight * chance * chance;
    }
    return this;
  }

  /**
   * Adds the counts of other rows of the same groups. Returns itself.
   *
   * @throws RangeError when the groups are others
   */
  merge(other: GroupCounts): this {
    if (this.names.join("\n") !== other.names.join("\n")) {
      throw new RangeError(
        `counts of groups ${other.names.join(", ")} do not add to those of ${this.names.join(", ")}`,
      );
    }
    for (let group = 0; group < this.names.length; group++) {
      this.cases[group]! += other.cases[group]!;
      this.positives[group]! += other.positives[group]!;
      this.selected[group]! += other.selected[group]!;
      this.hits[group]! += other.hits[group]!;
      this.selectedSquares[group]! += other.selectedSquares[group]!;
      this.hitSquares[group]! += other.hitSquares[group]!;
    }
    return this;
  }
}
