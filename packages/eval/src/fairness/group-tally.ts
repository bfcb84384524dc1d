import { type Binning, CalibrationBins } from "../calibration/bins.ts";
import { topOutcomes } from "../calibration/outcomes.ts";
import type { RowVectors } from "../calibration/row-vectors.ts";
import { GroupCounts } from "./group-counts.ts";
import type { Groups } from "./groups.ts";

/** A classifier's decisions, as fairness looks at them. */
export interface Decided {
  /** [rows, classes] */
  readonly probabilities: RowVectors;
  /** [rows] most probable class, of equal ones the lowest */
  readonly decisions: Int32Array;
  /** [rows] */
  readonly labels: ArrayLike<number>;
  /** The classes whose selection is compared: one for a question of yes and no, else all. */
  readonly positives: readonly number[];
}

/** What was decided in one group. */
export interface GroupSums {
  readonly name: string;
  /** Its first row, counted over all parts. */
  readonly firstRow: number;
  cases: number;
  right: number;
  /** [classes] rows of the label, rows decided for the class, and rows that are both */
  readonly labelled: Float64Array;
  readonly decided: Float64Array;
  readonly both: Float64Array;
  readonly bins: CalibrationBins;
}

/**
 * Sums over rows that come in any number of parts, and that everything but debiasing is computed from: the memory grows with the groups, not
 * with the rows. Groups are known by their names, so that a part need not have all of them.
 */
export class GroupTally {
  readonly #sums = new Map<string, GroupSums>();
  #rows = 0;

  constructor(
    readonly classes: number,
    readonly binning: Binning,
  ) {}

  /** Adds rows. Returns itself. */
  add({ probabilities, decisions, labels }: Decided, { names, of }: Groups): this {
    const groups: GroupSums[] = [];
    const { confidence, correct } = topOutcomes(probabilities, labels);
    for (let row = 0; row < of.length; row++) {
      const number = of[row]!;
      groups[number] ??= this.#sumsOf(names[number]!, this.#rows + row);
      const group = groups[number]!;
      const [decision, label] = [decisions[row]!, labels[row]!];
      group.cases++;
      group.right += correct[row]!;
      group.labelled[label]!++;
      group.decided[decision]!++;
      if (decision === label) group.both[label]!++;
      group.bins.addOne(confidence[row]!, correct[row]!, row);
    }
    this.#rows += of.length;
    return this;
  }

  /** The groups in alphabetical order. */
  get groups(): readonly GroupSums[] {
    return [...this.#sums.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** What was decided where one class is the positive one. */
  countsOf(positive: number): GroupCounts {
    const { groups } = this;
    const counts = new GroupCounts(groups.map(({ name }) => name));
    for (const [i, { cases, labelled, decided, both }] of groups.entries()) {
      counts.cases[i] = cases;
      counts.positives[i] = labelled[positive]!;
      counts.selected[i] = counts.selectedSquares[i] = decided[positive]!;
      counts.hits[i] = counts.hitSquares[i] = both[positive]!;
    }
    return counts;
  }

  #sumsOf(name: string, firstRow: number): GroupSums {
    const known = this.#sums.get(name);
    if (known !== undefined) return known;
    const zeros = () => new Float64Array(this.classes);
    const sums: GroupSums = {
      ...{ name, firstRow, cases: 0, right: 0, labelled: zeros(), decided: zeros(), both: zeros() },
      bins: new CalibrationBins(this.binning),
    };
    this.#sums.set(name, sums);
    return sums;
  }
}
