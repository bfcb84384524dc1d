import type { Outcomes } from "./outcomes.ts";
import { valuesAtPlaces } from "./places.ts";
import { checkOneEach, type Floats, floatsLike } from "./row-vectors.ts";

/** How confidences are put into bins. */
export type Binning =
  /** As many bins of equal width. */
  { readonly kind: "width"; readonly bins: number } | Edges;

/** Bins that begin at the given values; the first begins at 0, and a value belongs to the last bin that begins at or below it. */
export interface Edges {
  readonly kind: "edges";
  readonly starts: Floats;
}

/** Equal widths on [0, 1]: a confidence c belongs to bin min(⌊c·bins⌋, bins - 1). */
export function equalWidth(bins: number): Binning {
  return { kind: "width", bins: checkBins(bins) };
}

/**
 * Bins of about equal numbers of the given confidences, as in Nixon et al. 2019 ("adaptive"): bin i begins at the confidence in place
 * round(i·N/bins) of the sorted ones, and confidence 1 has a bin of its own. Equal confidences stay together, so that the result does
 * not depend on the order of rows; where there are many of them, bins are uneven or empty.
 */
export function equalMass(confidence: Floats, bins: number): Binning {
  checkBins(bins);
  const starts = floatsLike(confidence, bins + 1).fill(1, 1);
  starts.set(valuesAtPlaces(confidence, massPlaces(confidence.length, bins)), 1);
  return { kind: "edges", starts };
}

/** Places of sorted confidences at which all bins but the first begin, where bins are of equal mass: see {@link equalMass}. */
export function massPlaces(length: number, bins: number): number[] {
  if (length === 0) return [];
  return Array.from({ length: bins - 1 }, (_, i) => Math.min(roundHalfToEven(((i + 1) * length) / bins), length - 1));
}

/**
 * Counts of predictions by confidence, which is all that calibration errors need. Predictions can be added in any number of parts, and
 * counts of parts merged: the memory does not grow.
 */
export class CalibrationBins {
  /** [bins] predictions */
  readonly counts: Float64Array;
  /** [bins] sums of confidences */
  readonly confidences: Float64Array;
  /** [bins] right predictions */
  readonly corrects: Float64Array;

  constructor(readonly binning: Binning) {
    const bins = binCount(binning);
    this.counts = new Float64Array(bins);
    this.confidences = new Float64Array(bins);
    this.corrects = new Float64Array(bins);
  }

  /**
   * Adds predictions; `weights` [rows] say how often each counts. Returns itself.
   *
   * @throws RangeError naming the first row whose confidence is no number from 0 to 1 (within 0.001), and where outcomes are not as many
   */
  add({ confidence, correct }: Outcomes, weights?: Int32Array): this {
    checkOneEach({ confidences: confidence.length, outcomes: correct.length });
    for (let row = 0; row < confidence.length; row++) {
      this.addOne(confidence[row]!, correct[row]!, row, weights === undefined ? 1 : weights[row]!);
    }
    return this;
  }

  /** Adds the prediction of one row, which counts `weight` times; throws as {@link add} does. */
  addOne(confidence: number, correct: number, row: number, weight = 1): void {
    if (weight === 0) return;
    checkConfidence(confidence, row);
    const { binning, counts } = this;
    const bin =
      binning.kind === "width"
        ? Math.min(Math.trunc(confidence * counts.length), counts.length - 1)
        : lastStartAtOrBelow(binning.starts, confidence);
    counts[bin]! += weight;
    this.confidences[bin]! += weight * confidence;
    this.corrects[bin]! += weight * correct;
  }

  /**
   * Adds the counts of other predictions, so many times. Returns itself.
   *
   * @throws RangeError when the other bins are not the same
   */
  merge(other: CalibrationBins, times = 1): this {
    if (!isSameBinning(this.binning, other.binning)) {
      throw new RangeError("counts of different bins cannot be merged; make both with one binning");
    }
    for (let bin = 0; bin < this.counts.length; bin++) {
      this.counts[bin]! += times * other.counts[bin]!;
      this.confidences[bin]! += times * other.confidences[bin]!;
      this.corrects[bin]! += times * other.corrects[bin]!;
    }
    return this;
  }

  /** All predictions. */
  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }
}

/** @throws RangeError naming the row whose confidence is no number from 0 to 1 (within 0.001) */
export function checkConfidence(confidence: number, row: number): void {
  if (confidence >= -1e-3 && confidence <= 1.001) return;
  throw new RangeError(`row ${row} has confidence ${confidence}, which is not between 0 and 1`);
}

/** Where a bin begins. */
export function binStart(binning: Binning, bin: number): number {
  return binning.kind === "width" ? bin / binning.bins : binning.starts[bin]!;
}

function binCount(binning: Binning): number {
  return binning.kind === "width" ? binning.bins : binning.starts.length;
}

/** Binary search in ascending starts of which the first is 0. */
function lastStartAtOrBelow(starts: Floats, value: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

function isSameBinning(a: Binning, b: Binning): boolean {
  if (a.kind === "width" || b.kind === "width") return a.kind === b.kind && binCount(a) === binCount(b);
  return a.starts.length === b.starts.length && a.starts.every((start, i) => start === b.starts[i]);
}

function checkBins(bins: number): number {
  if (!Number.isInteger(bins) || bins < 1) {
    throw new RangeError(`${bins} bins for confidences; give a positive integer, 15 for instance`);
  }
  return bins;
}

/** NumPy's rounding, so that edges are those of the reference to the row. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
